import { expect, test } from 'vitest'
import { startCpuTime } from '../../test/support/cpu-time.ts'
import { type Caller, createCallerOf } from './caller.ts'

/** The address and scheme that a bridge takes from a request of that peer. */
function callerFrom(peer: string, headers: Record<string, string>, proxies = ['loopback', '10.0.0.0/8', 'fd00::/8']) {
  const { address, scheme }: Caller = createCallerOf(proxies)(peer, name => headers[name])
  return scheme === undefined ? address : `${scheme} ${address}`
}
const xff = (addresses: string, proto?: string) => ({
  'x-forwarded-for': addresses,
  ...(proto === undefined ? {} : { 'x-forwarded-proto': proto }),
})
const forwarded = (text: string) => ({ forwarded: text })

test.each([
  ['nothing said', {}, '127.0.0.1'],
  ['one proxy', xff('203.0.113.7', 'https'), 'https 203.0.113.7'],
  ['what a client wrote before', xff('1.1.1.1, 203.0.113.7', 'https'), 'https 203.0.113.7'],
  ['two proxies', xff('1.1.1.1, 203.0.113.7, 10.1.2.3', 'https'), 'https 203.0.113.7'],
  ['a scheme for each hop', xff('203.0.113.7, 10.1.2.3', 'https, http'), 'https 203.0.113.7'],
  ['fewer schemes than hops', xff('1.1.1.1, 203.0.113.7, 10.1.2.3', 'https, http'), 'http 203.0.113.7'],
  ['a scheme alone', { 'x-forwarded-proto': 'https' }, 'https 127.0.0.1'],
  ['a scheme of a WebSocket', xff('203.0.113.7', 'WSS'), 'https 203.0.113.7'],
  ['a scheme that is none', xff('203.0.113.7', 'gopher'), '203.0.113.7'],
  ['proxies alone', xff('10.9.9.9, 10.1.2.3'), '10.9.9.9'],
  ['a port', xff('203.0.113.7:4711'), '203.0.113.7'],
  ['IPv6', xff('2001:DB8:0::7'), '2001:db8::7'],
  ['IPv6 in brackets', xff('[2001:db8::7]'), '2001:db8::7'],
  ['IPv6 with a port', xff('[2001:db8::7]:4711'), '2001:db8::7'],
  ['IPv4 in IPv6', xff('::ffff:203.0.113.7'), '203.0.113.7'],
  ['a proxy by IPv4 in IPv6', xff('203.0.113.7, ::ffff:10.1.2.3'), '203.0.113.7'],
  ['a zone', xff('fe80::7%eth0'), 'fe80::7'],
  ['a zone with anything in it', xff('203.0.113.7, fd00::1%\u001b[31m'), '203.0.113.7'],
  ['no address', xff('203.0.113.7, nonsense'), '127.0.0.1'],
  ['no address before the one that counts', xff('", <script>, 203.0.113.7'), '203.0.113.7'],
  ['an empty hop', xff('203.0.113.7,'), '127.0.0.1'],
  ['an address in octal', xff('0313.0.0113.07'), '127.0.0.1'],
  ['an address in short', xff('203.7'), '127.0.0.1'],
  ['unknown behind a proxy', xff('203.0.113.7, unknown, 10.1.2.3'), '127.0.0.1'],
  ['Forwarded', forwarded('for=203.0.113.7;proto=https;by=10.1.2.3'), 'https 203.0.113.7'],
  [
    'Forwarded by a client and a proxy',
    forwarded('for=1.1.1.1;proto=http, for=203.0.113.7;proto=https'),
    'https 203.0.113.7',
  ],
  ['Forwarded in other letters', forwarded('FOR="203.0.113.7";Proto=HTTPS'), 'https 203.0.113.7'],
  ['Forwarded with IPv6', forwarded('for="[2001:db8:cafe::17]:4711"'), '2001:db8:cafe::17'],
  ['Forwarded with a port by no name', forwarded('for="203.0.113.7:_x"'), '203.0.113.7'],
  ['Forwarded without the quotes it needs', forwarded('for=[2001:db8::7]:80;proto=https'), 'https 2001:db8::7'],
  ['Forwarded with escapes', forwarded('for="\\2\\03.0.113.7"'), '203.0.113.7'],
  ['Forwarded that hides', forwarded('for=_x3;proto=https'), 'https 127.0.0.1'],
  ['Forwarded unknown', forwarded('for=203.0.113.7, for=unknown'), '127.0.0.1'],
  ['Forwarded without for', forwarded('for=203.0.113.7, proto=https'), 'https 127.0.0.1'],
  ['Forwarded with an open quote', forwarded('for="1.1.1.1, for=203.0.113.7'), '127.0.0.1'],
  [
    'Forwarded whose quote goes on into the next hop',
    forwarded('for=1.1.1.1;by=", for="[2001:db8::7]:1"'),
    '127.0.0.1',
  ],
  ['Forwarded that says for twice', forwarded('for=203.0.113.7;for=1.1.1.1'), '127.0.0.1'],
  ['Forwarded that is empty', { ...forwarded(' , '), ...xff('203.0.113.7') }, '203.0.113.7'],
  ['both, the same', { ...forwarded('for=203.0.113.7'), ...xff('1.1.1.1, 203.0.113.7', 'https') }, 'https 203.0.113.7'],
  ['both, one of them by the client', { ...forwarded('for=1.1.1.1'), ...xff('203.0.113.7', 'https') }, '127.0.0.1'],
  [
    'both, with two schemes',
    { ...forwarded('for=203.0.113.7;proto=http'), ...xff('203.0.113.7', 'https') },
    '127.0.0.1',
  ],
  ['a scheme beside Forwarded', { ...forwarded('for=203.0.113.7'), 'x-forwarded-proto': 'https' }, 'https 203.0.113.7'],
])('of a trusted peer, %s', (_what, headers, expected) => {
  expect(callerFrom('127.0.0.1', headers)).toBe(expected)
})

test.each([
  ['another network', '192.0.2.1', ['loopback', '10.0.0.0/8']],
  ['nothing', '127.0.0.1', []],
  ['a longer network', '10.2.0.1', ['10.1.0.0/16']],
  ['IPv6 alone', '10.0.0.1', ['fd00::/8']],
  ['a peer without an address', '', ['loopback']],
])('spoofed headers count nothing where %s is trusted', (_what, peer, proxies) => {
  const headers = { ...forwarded('for=203.0.113.7;proto=https'), ...xff('203.0.113.7', 'https') }
  expect(callerFrom(peer, headers, proxies)).toBe(peer)
})

test.each([
  ['127.8.9.1', ['loopback']],
  ['::1', ['loopback']],
  ['::ffff:127.0.0.1', ['Loopback']],
  ['::ffff:10.1.2.3', ['10.0.0.0/8']],
  ['10.1.2.3', ['::ffff:10.0.0.0/104']],
  ['10.1.2.3', ['10.1.2.3']],
  ['172.31.0.1', ['uniquelocal']],
  ['fd12::1', ['uniquelocal']],
  ['fe80::1%eth0', ['fe80::/10']],
  ['fe80::1%eth0', ['linklocal']],
])('a peer %s is in %j', (peer, proxies) => {
  expect(callerFrom(peer, xff('203.0.113.7'), proxies)).toBe('203.0.113.7')
})

test.each([
  '10.0.0.0/33',
  '10.0.0',
  'proxy.example',
  '10.0.0.0/-1',
  'fd00::/129',
  'fe80::1%eth0',
  '::ffff:10.0.0.0/64',
  '',
])('no network: %j', text => {
  expect(() => createCallerOf([text])).toThrow(/trust-proxy.*is no network; expected such as 10\.0\.0\.0\/8/)
})

test.each(['0.0.0.0/0', '::/0', '::ffff:0.0.0.0/96'])('everybody is no network of proxies: %s', text => {
  expect(() => createCallerOf([text])).toThrow(/is everybody/)
})

test('a chain without an end is given up, and takes no time', () => {
  const endless = { 'x-forwarded-for': Array(10_000).fill('10.0.0.1').join(', ') }
  const hops = { forwarded: Array(10_000).fill('for=10.0.0.1').join(', ') }
  const blanks = { forwarded: `for=10.0.0.1${' '.repeat(100_000)}x` }
  const cpuMs = startCpuTime()
  for (const headers of [endless, hops, blanks]) expect(callerFrom('127.0.0.1', headers)).toBe('127.0.0.1')
  expect(callerFrom('127.0.0.1', xff(`${endless['x-forwarded-for']}, 203.0.113.7`))).toBe('203.0.113.7')
  expect(cpuMs()).toBeLessThan(500)
})
