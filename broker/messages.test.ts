/** How a SEND becomes a MESSAGE: its headers, its body, in each version of STOMP. */
import { expect, test } from 'vitest'
import { createEmbeddedBroker } from './mod.ts'
import { ManualClock, openPeer, textOf } from './testing.ts'

const destination = '/queue/myapp.x'

test('a MESSAGE has its own headers and those of the SEND', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock })
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 'a:1', destination, ack: 'client-individual' })
  const custom = {
    'content-type': 'text/plain',
    persistent: 'true',
    priority: '7',
    traceparent: '00-1',
    'we:ird\n': 'a\\b\r',
  }
  const forged = { subscription: 'x', 'message-id': 'x', ack: 'x', redelivered: 'true', timestamp: '1' }
  const [frame] = await peer.confirmed('SEND', { destination, ...custom, ...forged, 'correlation-id': '1' }, 'hi')
  const headers = frame!.headers()
  expect(frame!.command).toBe('MESSAGE')
  expect(headers.map(([name]) => name)).toEqual([
    'subscription',
    'message-id',
    'ack',
    'destination',
    'timestamp',
    'content-type',
    'persistent',
    'priority',
    'traceparent',
    'we\\cird\\n',
    'correlation-id',
    'content-length',
  ])
  expect(frame!.header('subscription')).toBe('a\\c1')
  expect(frame!.header('we\\cird\\n')).toBe('a\\\\b\\r')
  expect(frame!.header('content-length')).toBe('2')
  expect(frame!.header('timestamp')).toBe(String(clock.now()))
  expect(textOf(frame!)).toBe('hi')
})

test('of repeated headers in a SEND the first is passed on', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 's', destination })
  peer.link.send(
    new TextEncoder().encode(`SEND\nfoo:1\ndestination:${destination}\nfoo:2\ndestination:/queue/other\n\n\0`),
  )
  expect((await peer.next()).headerValues('foo')).toEqual(['1'])
})

test('binary bodies pass unchanged, counted and NUL-ended ones alike', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 's', destination })
  const body = Uint8Array.from({ length: 512 }, (_, at) => at % 256)
  peer.send('SEND', { destination }, body)
  expect([...(await peer.next()).body]).toEqual([...body])
  peer.link.send(new TextEncoder().encode(`SEND\ndestination:${destination}\n\nno length\0`))
  const plain = await peer.next()
  expect(textOf(plain)).toBe('no length')
  expect(plain.header('content-length')).toBe('9')
})

test('each version reads the headers that another sent, escaped its own way', async () => {
  await using broker = createEmbeddedBroker()
  const value = 'a:b\\c\nd\re'
  const expected = { '1.0': 'a:b\\c d e', '1.1': 'a\\cb\\\\c\\nd e', '1.2': 'a\\cb\\\\c\\nd\\re' }
  const sender = await openPeer(broker)
  for (const version of ['1.0', '1.1', '1.2'] as const) {
    const reader = await openPeer(broker, { version })
    await reader.confirmed('SUBSCRIBE', { id: version, destination: '/topic/myapp.v' })
    await sender.confirmed('SEND', { destination: '/topic/myapp.v', foo: value })
    expect((await reader.next()).header('foo')).toBe(expected[version])
  }
})
