/** The address of the other side: what is opened, and what its userinfo says. */
import { DroverError } from '../contract/errors.ts'

export interface Address {
  /** Without userinfo: what may be opened and logged. */
  readonly url: URL
  readonly login?: string
  readonly passcode?: string
  /** The virtual host, which the path of `stomp:` and `stomp+ssl:` names: `stomp://host/team`. */
  readonly host?: string
}

/**
 * Takes an address apart.
 * @param text `ws:`, `wss:`, `stomp:` or `stomp+ssl:`; userinfo and virtual host are decoded
 * @throws {DroverError} `config_invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { readAddress } from 'drover/stomp'
 * const { url, login, passcode, host } = readAddress('stomp://foo:b%40r@localhost:61613/team')
 * assert.deepEqual([url.host, login, passcode, host], ['localhost:61613', 'foo', 'b@r', 'team'])
 * ```
 */
export function readAddress(text: string | URL): Address {
  const url = URL.parse(String(text))
  if (!url || !/^(wss?|stomp(\+ssl)?):$/.test(url.protocol) || !url.hostname) {
    const found = String(text).replace(/\/\/[^/@]*@/, '//')
    const message = `"${found}" is not an address of a broker or bridge: expected ws://, wss://, stomp:// or stomp+ssl:// and a host`
    throw new DroverError('config_invalid', message)
  }
  const { username, password } = url
  url.username = ''
  url.password = ''
  url.hash = ''
  // The path of a WebSocket is that of its endpoint
  const host = url.protocol.startsWith('stomp') ? url.pathname.slice(1) : ''
  return {
    url,
    ...(username === '' ? {} : { login: decode(username) }),
    ...(password === '' ? {} : { passcode: decode(password) }),
    ...(host === '' ? {} : { host: decode(host) }),
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a bare % is meant as one
  }
}
