/** The settings of environment and options, read in one place. */
import { defaultStompPort } from '../bridge/default-ports.ts'
import { checkCredentials } from '../shared/stomp/session/credentials.ts'
import { isList, readAddress, withoutPassword, writeAddress } from '../shared/stomp/sockets/address.ts'
import { UsageError } from './exit.ts'

export { withoutPassword }

export type Env = Readonly<Record<string, string | undefined>>

/**
 * Reads a port.
 * @param text the option or variable; absent or empty: the default
 * @param name how the error names it, such as `STOMP_PORT`
 * @throws {UsageError} unless it is 0 (any free port) to 65535
 */
export function parsePort(text: string | undefined, name: string, defaultPort: number): number {
  if (text === undefined || text === '') return defaultPort
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new UsageError(`${name} is "${text}"; expected a port from 0 (any that is free) to 65535`)
}

/**
 * Reads the address of a broker.
 * @param text `stomp://`, `stomp+ssl://`, `ws://` or `wss://`
 * @returns the same with its userinfo percent-encoded
 * @throws {UsageError} for anything else, without a word of its userinfo
 */
export function parseBrokerUrl(text: string, name: string): string {
  const scheme = schemeOf(text)
  if (scheme !== undefined && !isList(text) && !brokerSchemes.includes(scheme)) {
    throw new UsageError(`${name} begins with "${scheme}"; a broker's address begins with ${brokerExamples}`)
  }
  return parseUrl(text, name)
}

/**
 * Reads the address of a broker or bridge.
 * @param text as `parseBrokerUrl`; `http://` and `https://` mean a bridge's `/stomp`, below its path where it has one
 * @throws {UsageError} for anything else, without a word of its userinfo
 */
export function parseConnectUrl(text: string, name: string): string {
  const scheme = schemeOf(text)
  const isBridge = scheme === 'http://' || scheme === 'https://'
  if (scheme !== undefined && !isList(text) && !isBridge && !brokerSchemes.includes(scheme)) {
    throw new UsageError(`${name} begins with "${scheme}"; expected ${brokerExamples}, or a bridge's https://`)
  }
  // Not by setting `protocol`: that is refused between some schemes in some runtimes.
  const url = parseUrl(isBridge ? text.trim().replace(/^http/i, 'ws') : text, name)
  if (!isBridge) return url
  const bridge = new URL(url)
  bridge.pathname = bridge.pathname.replace(/\/*$/, '').replace(/(?<!\/stomp)$/, '/stomp')
  return bridge.href
}

const brokerSchemes: readonly string[] = ['stomp://', 'stomp+ssl://', 'ws://', 'wss://']
const brokerExamples = 'stomp://, stomp+ssl://, ws:// or wss://, such as stomp://foo:bar@localhost:61613'

/** "localhost:61613" has none, though it is a URL of the scheme "localhost" to a parser. */
const schemeOf = (text: string): string | undefined => /^[a-z][a-z0-9+.-]*:\/\//i.exec(text.trim())?.[0].toLowerCase()

function parseUrl(text: string, name: string): string {
  if (/^[a-z0-9.-]*(:\d*)?$|^[a-z+]+:\/\/$/i.test(text)) {
    const expected = 'expected an address such as stomp://foo:bar@localhost:61613 or wss://jobs.example/stomp'
    throw new UsageError(`${name} is "${text}"; ${expected}`)
  }
  try {
    const address = readAddress(text)
    const { login, passcode, host } = address
    checkCredentials({ login, passcode, host })
    return writeAddress(address)
  } catch (cause) {
    throw new UsageError(`${name} cannot be used. ${(cause as Error).message}`, { cause })
  }
}

/** Where commands connect when nothing is said: the broker of `drover dev` on this machine, as the user of the original set-up. */
export function defaultUrl(env: Env): string {
  const given = env['DROVER_URL']
  if (given !== undefined && given !== '') return parseConnectUrl(given, 'DROVER_URL')
  return `stomp://foo:bar@127.0.0.1:${parsePort(env['STOMP_PORT'], 'STOMP_PORT', defaultStompPort)}`
}
