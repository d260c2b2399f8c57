/** What the environment and the options say, read in one place. */
import { UsageError } from './exit.ts'

export type Env = Readonly<Record<string, string | undefined>>

export const defaultHttpPort = 8787
export const defaultStompPort = 61613

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
 * @throws {UsageError} for anything else
 */
export function parseBrokerUrl(text: string, name: string): string {
  const { protocol } = parseUrl(text, name)
  if (brokerProtocols.includes(protocol)) return text
  throw new UsageError(`${name} begins with "${protocol}//"; a broker's address begins with ${brokerSchemes}`)
}

/**
 * Reads the address of a broker or bridge.
 * @param text as `parseBrokerUrl`; `http://` and `https://` mean a bridge's `/stomp`
 * @throws {UsageError} for anything else
 */
export function parseConnectUrl(text: string, name: string): string {
  const { protocol } = parseUrl(text, name)
  if (brokerProtocols.includes(protocol)) return text
  if (protocol !== 'http:' && protocol !== 'https:') {
    const message = `${name} begins with "${protocol}//"; expected ${brokerSchemes}, or a bridge's https://`
    throw new UsageError(message)
  }
  // Not by setting `protocol`: that is refused between some schemes in some runtimes.
  const bridge = new URL(text.replace(/^http/i, 'ws'))
  if (bridge.pathname === '/') bridge.pathname = '/stomp'
  bridge.hash = ''
  return bridge.href
}

const brokerProtocols: readonly string[] = ['stomp:', 'stomp+ssl:', 'ws:', 'wss:']
const brokerSchemes = 'stomp://, stomp+ssl://, ws:// or wss://, such as stomp://foo:bar@localhost:61613'

function parseUrl(text: string, name: string): URL {
  // "localhost:61613" is a URL to the parser, of the scheme "localhost"
  if (/^[a-z][a-z0-9+.-]*:\/\/./i.test(text) && URL.canParse(text)) return new URL(text)
  const expected = 'expected an address such as stomp://foo:bar@localhost:61613 or wss://jobs.example/stomp'
  throw new UsageError(`${name} is "${text}"; ${expected}`)
}

/** An address without its password, for people to see. */
export function withoutPassword(address: string): string {
  return address.replace(/^([a-z+]+:\/\/[^:@/]*):[^/]*@/i, '$1:***@')
}

/** Where commands connect when nothing is said: the broker of `drover dev` on this machine, as the user of the original set-up. */
export function defaultUrl(env: Env): string {
  const given = env['DROVER_URL']
  if (given !== undefined && given !== '') return parseConnectUrl(given, 'DROVER_URL')
  return `stomp://foo:bar@127.0.0.1:${parsePort(env['STOMP_PORT'], 'STOMP_PORT', defaultStompPort)}`
}
