/**
 * The address of the other side: the url to open, and the userinfo. The userinfo is cut out here and not by
 * `URL`, which takes a password with a `/` for a host and a port; no error of this file shows any of the text but its scheme.
 */
import { DroverError } from '../../contract/errors.ts'

export interface Address {
  /** Without userinfo, to be opened and logged. */
  readonly url: URL
  readonly login?: string
  readonly passcode?: string
  /** The virtual host, which the path of `stomp:` and `stomp+ssl:` names: `stomp://host/team`. */
  readonly host?: string
}

/** Of a broker, where its address says no port. */
export const defaultPorts: Readonly<Record<string, number>> = { 'stomp:': 61613, 'stomp+ssl:': 61614 }

const expected = 'expected ws://, wss://, stomp:// or stomp+ssl:// and a host, such as stomp://foo:bar@localhost:61613'
const encode =
  'in a name or password write % as %25, / as %2F, ? as %3F, # as %23 and @ as %40 (encodeURIComponent() does it)'
const list =
  'This is a list of addresses, and one address is supported: name one broker, or a name that leads to one that is up'

/** Whether it is several addresses, as other libraries take them. */
export const isList = (text: string): boolean => /^\s*failover:|[,;\s]\s*[a-z][a-z+]*:\/\//i.test(text)

/**
 * Takes an address apart. In its userinfo a bare `%` means itself; `:` in a password, `@`, blanks and other scripts do too.
 * @param text `ws:`, `wss:`, `stomp:` or `stomp+ssl:`; userinfo and virtual host are decoded
 * @throws {DroverError} `config_invalid`, without a word of the userinfo
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { readAddress } from 'drover/stomp'
 * const { url, login, passcode, host } = readAddress('stomp://foo:b%40r@localhost:61613/team')
 * assert.deepEqual([url.host, login, passcode, host], ['localhost:61613', 'foo', 'b@r', 'team'])
 * ```
 */
export function readAddress(text: string | URL): Address {
  const given = String(text).trim()
  if (isList(given)) throw invalid(list)
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(given) ?? []
  const end = rest.search(/[/?#]|$/)
  if (rest.includes('@', end)) throw invalid(`This address has an @ where none can be: ${encode}`)
  const at = rest.lastIndexOf('@', end)
  if (/^[^/?#]*[,;]/.test(rest.slice(at + 1))) throw invalid(list) // of hosts
  const url = URL.parse(scheme + rest.slice(at + 1))
  if (!url || !/^(wss?|stomp(\+ssl)?):$/.test(url.protocol) || !url.hostname) {
    const found = /^([a-z+]+:\/{0,2})?[a-z0-9.-]{0,100}(:\d+)?\/?$/i.test(given) ? `"${given}"` : 'This'
    throw invalid(`${found} is not an address of a broker or bridge: ${expected}; ${encode}`)
  }
  url.hash = ''
  // The path of a WebSocket is that of its endpoint
  const host = url.protocol.startsWith('stomp') ? url.pathname.slice(1) : ''
  const [, login = '', passcode = ''] = /^([^:]*):?(.*)$/s.exec(at < 0 ? '' : rest.slice(0, at)) ?? []
  return {
    url,
    ...(login === '' ? {} : { login: decode(login) }),
    ...(passcode === '' ? {} : { passcode: decode(passcode) }),
    ...(host === '' ? {} : { host: decode(host) }),
  }
}

/** The address that `readAddress` reads as the same and `URL` reads as well: its userinfo is percent-encoded. */
export function writeAddress(address: Address): string {
  return withUserinfo(address, address.passcode === undefined ? '' : `:${encodeURIComponent(address.passcode)}`)
}

/** An address for people to see: without its password and its query. Of any other text, nothing but the scheme. */
export function withoutPassword(text: string | URL): string {
  try {
    const address = readAddress(text)
    address.url.search = ''
    return withUserinfo(address, address.passcode === undefined ? '' : ':***')
  } catch {
    return /^[a-z][a-z+]{0,15}:\/\//i.exec(String(text))?.[0].concat('…') ?? 'an address that cannot be read'
  }
}

function withUserinfo({ url, login, passcode }: Address, password: string): string {
  const isNamed = login !== undefined || passcode !== undefined
  const bare = url.pathname === '' || url.pathname === '/' ? url.href.replace(/\/(?=\?|$)/, '') : url.href
  return isNamed ? bare.replace('//', `//${encodeURIComponent(login ?? '')}${password}@`) : bare
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    if (/%[0-9a-f]{2}/i.test(text)) throw invalid(`This address has a % that can be read in two ways: ${encode}`)
    return text // a bare % is meant as one
  }
}

const invalid = (message: string): DroverError => new DroverError('config_invalid', message)
