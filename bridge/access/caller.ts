/**
 * From where a request comes: the peer of its connection, or, where that is a trusted proxy, who the proxy says. A client
 * may write such headers too. Its words must never count, so they are read from the right, as far as proxies are trusted.
 */
import { type Hop, readForwarded, readXForwarded } from './forwarded.ts'
import { readIpAddress, readNetworks } from './networks.ts'

export interface Caller {
  /** Of IP, in one form for each. */
  readonly address: string
  /** By which the caller asked the proxy; absent where no trusted proxy said it. */
  readonly scheme: 'http' | 'https' | undefined
}

/** @param address of the peer, as its connection has it @param header of the request, by its name */
export type CallerOf = (address: string, header: (name: string) => string | undefined) => Caller

/** More proxies than there are in a row, and few enough to be read at once. */
const maxHops = 32

/**
 * @param proxies the networks of trusted proxies: addresses, `10.0.0.0/8`, `loopback`
 * @throws {DroverError} `config_invalid`
 */
export function createCallerOf(proxies: readonly string[]): CallerOf {
  const isTrusted = readNetworks(proxies, 'trustProxy (--trust-proxy)')
  return (peer, header) => {
    const direct: Caller = { address: readIpAddress(peer) ?? peer, scheme: undefined }
    if (!isTrusted(peer)) return direct
    const forwarded = header('forwarded')
    const addresses = header('x-forwarded-for')
    const schemes = header('x-forwarded-proto')
    const older = readXForwarded(addresses, schemes)
    const hops = readForwarded(forwarded ?? '')
    if (hops === undefined) return direct
    if (hops.length === 0) return callerBy(older, direct, isTrusted)
    const caller = callerBy(hops, direct, isTrusted)
    if (older.length === 0) return caller
    // A proxy that writes one of the two may pass the other on as a client wrote it: they count where they say the same
    const other = callerBy(older, direct, isTrusted)
    const isSame = (addresses === undefined || other.address === caller.address) && agree(caller.scheme, other.scheme)
    return isSame ? { address: caller.address, scheme: caller.scheme ?? other.scheme } : direct
  }
}

/** The first from the right that is no trusted proxy; where all are, the last one. */
function callerBy(hops: readonly Hop[], direct: Caller, isTrusted: (address: string) => boolean): Caller {
  let caller = direct
  for (const [passed, hop] of hops.toReversed().entries()) {
    const address = passed === maxHops ? undefined : addressOf(hop.for)
    // Hidden (`unknown`, `_x`) or not an address: nobody can say who it is, and the peer counts
    if (address === undefined) return { address: direct.address, scheme: schemeOf(hop.proto) }
    caller = { address, scheme: schemeOf(hop.proto) }
    if (!isTrusted(address)) return caller
  }
  return caller
}

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`. */
function addressOf(text = ''): string | undefined {
  const [, inBrackets, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::[\w.-]+)?$/.exec(text) ?? []
  return readIpAddress(inBrackets ?? plain ?? text)
}

/** Some proxies say of a WebSocket `ws` or `wss`. */
function schemeOf(text: string | undefined): Caller['scheme'] {
  const scheme = text?.toLowerCase()
  if (scheme === 'https' || scheme === 'wss') return 'https'
  return scheme === 'http' || scheme === 'ws' ? 'http' : undefined
}

const agree = (one: unknown, other: unknown): boolean => one === undefined || other === undefined || one === other
