/**
 * Addresses and networks of IP, by `ipaddr.js`: it needs no runtime, where `net.BlockList` is Node's and the platforms at the
 * edge have none. Each address has one form here, so that one machine is counted once: IPv4 in IPv6 is IPv4, and no zone.
 */
import ipaddr from 'ipaddr.js'
import { DroverError } from '../../shared/contract/errors.ts'

type Address = ReturnType<typeof ipaddr.parse>
type Network = readonly [base: Address, bits: number]

/** Reads one, of IPv4 with four decimal parts alone: `010.1` is another address to every reader. */
function parse(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  const bare = text.replace(/%.*$/s, '')
  if (!bare.includes(':') || !ipaddr.IPv6.isValid(bare)) return undefined
  const address = ipaddr.IPv6.parse(bare)
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

/** @returns the address in its one form; `undefined` for text that is none */
export const readIpAddress = (text: string): string | undefined => parse(text)?.toString()

/** Names that networks have in other servers too. */
const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/**
 * Reads a list of networks.
 * @param list addresses, networks such as `10.0.0.0/8`, and `loopback`, `linklocal`, `uniquelocal`
 * @param name of the setting
 * @returns whether an address is in one of them; text that is no address is in none
 * @throws {DroverError} `config_invalid`
 */
export function readNetworks(list: readonly string[], name: string): (address: string) => boolean {
  const networks = list.flatMap(text => (named[text.toLowerCase()] ?? [text]).map(one => readNetwork(one, name)))
  return text => {
    const address = networks.length === 0 ? undefined : parse(text)
    return (
      address !== undefined &&
      networks.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits))
    )
  }
}

function readNetwork(text: string, name: string): Network {
  const [, base = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = parse(base)
  const written = base.includes(':') ? 128 : 32
  // Of IPv4 in IPv6 the first 96 bits are always the same
  const most = address?.kind() === 'ipv4' ? 32 : 128
  const length = bits === undefined ? most : Number(bits) - (written - most)
  if (address === undefined || length < 0 || length > most) {
    throw new DroverError(
      'config_invalid',
      `${name} has ${JSON.stringify(text.slice(0, 200))}, which is no network; expected such as 10.0.0.0/8, 192.0.2.7, fd00::/8 or loopback`,
    )
  }
  if (length === 0) {
    throw new DroverError(
      'config_invalid',
      `${name} has ${JSON.stringify(text)}, which is everybody, and so anybody could say any address; name the networks of the proxies`,
    )
  }
  return [address, length]
}
