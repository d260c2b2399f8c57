/** Frames that are answered with an ERROR. */
import { expect, test } from 'vitest'
import { createEmbeddedBroker } from './mod.ts'
import { openPeer } from './testing.ts'

const destination = '/queue/myapp.x'
const long = 'i'.repeat(1_001)

test.each([
  ['SEND', {}, /no destination header/],
  ['SEND', { destination: '/queue/myapp.*' }, /wildcards are for SUBSCRIBE only/],
  ['SEND', { destination: '/queue/myapp.a,/queue/other' }, /one only/],
  ['SEND', { destination: '/exchange/myapp' }, /write \/queue\/name/],
  ['SEND', { destination: '/queue/other.x' }, /"foo" may not send to \/queue\/other.x; allowed are .* myapp.>/],
  ['SEND', { destination, priority: 'high' }, /priority is "high"/],
  ['SEND', { destination, expires: 'soon' }, /expires is "soon"/],
  ['SEND', { destination, AMQ_SCHEDULED_DELAY: '-1' }, /AMQ_SCHEDULED_DELAY is "-1"/],
  ['SUBSCRIBE', { destination }, /no id header/],
  ['SUBSCRIBE', { id: 's' }, /no destination header/],
  ['SUBSCRIBE', { id: 's', destination: '/topic/>' }, /"foo" may not subscribe to \/topic\/>/],
  ['SUBSCRIBE', { id: 's', destination: '/queue/myapp.a*' }, /misuses a wildcard/],
  ['SUBSCRIBE', { id: 's', destination, ack: 'maybe' }, /ack is "maybe"/],
  ['SUBSCRIBE', { id: 's', destination, 'prefetch-count': '0' }, /prefetch-count is "0"/],
  ['SUBSCRIBE', { id: 's', destination, selector: 'a = 1' }, /no|selector/],
  ['UNSUBSCRIBE', { id: 's' }, /no subscription of this connection/],
  ['ACK', {}, /no id header/],
  ['ACK', { id: '9' }, /waits for none/],
  ['NACK', { id: '9' }, /waits for none/],
  ['SUBSCRIBE', { destination, id: long }, /the header id with 1001 bytes; use at most 1000/],
  ['BEGIN', { transaction: long }, /the header transaction with 1001 bytes/],
  ['SEND', { destination, transaction: long }, /the header transaction with 1001 bytes/],
  ['FLY', {}, /"FLY" is no command/],
  ['MESSAGE', { destination }, /"MESSAGE" is no command/],
] as const)('%s %j is an ERROR with its receipt-id', async (command, headers, message) => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  peer.send(command, { ...headers, receipt: 'r' })
  const error = await peer.error()
  expect(error.header('message')).toMatch(message)
  expect(error.header('receipt-id')).toBe('r')
  expect(broker.stats()).toMatchObject({ connections: 0, queues: [], bytes: 0 })
})

test('an escape that the version does not know is an ERROR', async () => {
  await using broker = createEmbeddedBroker()
  for (const version of ['1.1', '1.2'] as const) {
    const peer = await openPeer(broker, { version })
    peer.link.send(new TextEncoder().encode(`SEND\ndestination:${destination}\nfoo:\\t\n\n\0`))
    expect((await peer.error()).header('message')).toMatch(/STOMP 1.. knows/)
  }
})

test('a NACK on STOMP 1.0, a body outside SEND, and a second subscription of one id are ERRORs', async () => {
  await using broker = createEmbeddedBroker()
  const old = await openPeer(broker, { version: '1.0' })
  old.send('NACK', { 'message-id': '1' })
  expect((await old.error()).header('message')).toMatch(/from 1.1 on/)
  const bodied = await openPeer(broker)
  bodied.send('BEGIN', { transaction: 't' }, 'body')
  expect((await bodied.error()).header('message')).toMatch(/BEGIN has a body/)
  const twice = await openPeer(broker)
  twice.send('SUBSCRIBE', { id: 's', destination })
  twice.send('SUBSCRIBE', { id: 's', destination: '/queue/myapp.y' })
  expect((await twice.error()).header('message')).toMatch(/there already/)
})
