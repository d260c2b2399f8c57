/** Queues: which reader is handed which message, how it is acknowledged, in which order and until when. */
import { expect, test } from 'vitest'
import { createEmbeddedBroker } from './mod.ts'
import { ManualClock, openPeer, sendAll, settled, take, textOf } from './testing.ts'

const destination = '/queue/myapp.x'
const ackEach = { id: 's', destination, ack: 'client-individual' }

test('messages wait for a reader, and one gets each', async () => {
  await using broker = createEmbeddedBroker()
  const sender = await openPeer(broker)
  await sendAll(sender, destination, '1', '2')
  const readers = [await openPeer(broker), await openPeer(broker)]
  for (const reader of readers) await reader.confirmed('SUBSCRIBE', ackEach)
  await sendAll(sender, destination, '3', '4', '5', '6')
  await settled()
  const bodies = readers.map(reader => reader.frames.map(textOf))
  expect(bodies.flat().toSorted()).toEqual(['1', '2', '3', '4', '5', '6'])
  expect(bodies.map(own => own.length)).toEqual([4, 2])
})

test('a reader is handed at most its prefetch-count', async () => {
  await using broker = createEmbeddedBroker()
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', { ...ackEach, 'prefetch-count': '2' })
  const sender = await openPeer(broker)
  await sendAll(sender, destination, '1', '2', '3', '4')
  await settled()
  expect(broker.stats().queues).toMatchObject([{ waiting: 2, pending: 2 }])
  const [one] = await take(reader, 2)
  reader.send('ACK', { id: one!.header('ack')! })
  expect(textOf(await reader.next())).toBe('3')
})

test('ack mode client acknowledges all before, client-individual only one', async () => {
  await using broker = createEmbeddedBroker()
  for (const [mode, left] of [
    ['client', 1],
    ['client-individual', 2],
  ] as const) {
    const reader = await openPeer(broker)
    await reader.confirmed('SUBSCRIBE', { id: 's', destination: `/queue/myapp.${mode}`, ack: mode })
    for (const body of ['1', '2', '3']) reader.send('SEND', { destination: `/queue/myapp.${mode}` }, body)
    const frames = await take(reader, 3)
    await reader.confirmed('ACK', { id: frames[1]!.header('ack')! })
    expect(broker.stats().queues.find(queue => queue.destination.endsWith(mode))).toMatchObject({ pending: left })
  }
})

test.each(['1.0', '1.1'] as const)('STOMP %s acknowledges by message-id', async version => {
  await using broker = createEmbeddedBroker()
  const reader = await openPeer(broker, { version })
  await reader.confirmed('SUBSCRIBE', ackEach)
  reader.send('SEND', { destination }, 'hi')
  const message = await reader.next()
  expect(message.header('ack')).toBeUndefined()
  await reader.confirmed('ACK', { subscription: 's', 'message-id': message.header('message-id')! })
  expect(broker.stats().queues).toMatchObject([{ pending: 0, waiting: 0 }])
})

test('STOMP 1.0 may subscribe without an id, and end it by destination', async () => {
  await using broker = createEmbeddedBroker()
  const reader = await openPeer(broker, { version: '1.0' })
  await reader.confirmed('SUBSCRIBE', { destination })
  const [message] = await reader.confirmed('SEND', { destination }, 'hi')
  expect(message!.header('subscription')).toBeUndefined()
  await reader.confirmed('UNSUBSCRIBE', { destination })
  expect(await reader.confirmed('SEND', { destination }, 'kept')).toEqual([])
})

test('a reader gets messages by priority', async () => {
  await using broker = createEmbeddedBroker()
  const sender = await openPeer(broker)
  for (const [body, priority] of [
    ['a', '4'],
    ['b', '9'],
    ['c', '5'],
    ['d', '0'],
    ['e', '9'],
    ['f', '12'],
  ] as const) {
    await sender.confirmed('SEND', { destination, priority }, body)
  }
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', { id: 's', destination })
  expect((await take(reader, 6)).map(textOf)).toEqual(['b', 'e', 'f', 'c', 'a', 'd'])
})

test('an expired message is never delivered, and leaves the queue by itself', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock })
  const peer = await openPeer(broker)
  const at = clock.now()
  await peer.confirmed('SEND', { destination, expires: String(at) }, 'too late')
  expect(broker.stats().queues).toEqual([])
  await peer.confirmed('SEND', { destination, expires: String(at + 5_000) }, 'soon')
  await peer.confirmed('SEND', { destination, expires: '0' }, 'never')
  clock.advance(5_500)
  await peer.confirmed('SUBSCRIBE', { id: 's', destination })
  const after = await peer.confirmed('SEND', { destination }, 'fence')
  expect([...peer.frames, ...after].map(textOf)).toEqual(['never', 'fence'])
  await peer.confirmed('SEND', { destination: '/queue/myapp.z', expires: String(clock.now() + 1_000) })
  clock.advance(3_000)
  expect(broker.stats().queues.map(queue => queue.destination)).not.toContain('/queue/myapp.z')
})

test('an idle queue leaves nothing behind', async () => {
  await using broker = createEmbeddedBroker()
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', ackEach)
  reader.send('SEND', { destination }, 'hi')
  const message = await reader.next()
  await reader.confirmed('ACK', { id: message.header('ack')! })
  expect(broker.stats().queues).toMatchObject([{ destination, readers: 1, bytes: 0 }])
  await reader.confirmed('UNSUBSCRIBE', { id: 's' })
  expect(broker.stats()).toMatchObject({ queues: [], bytes: 0 })
})

test('a delayed message comes when its time has come', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock })
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 's', destination })
  await peer.confirmed('SUBSCRIBE', { id: 't', destination: '/topic/myapp.t' })
  await peer.confirmed('SEND', { destination, AMQ_SCHEDULED_DELAY: '3000' }, 'late')
  await peer.confirmed('SEND', { destination: '/topic/myapp.t', AMQ_SCHEDULED_DELAY: '1000' }, 'soon')
  await peer.confirmed(
    'SEND',
    { destination, AMQ_SCHEDULED_DELAY: '2000', expires: String(clock.now() + 1500) },
    'gone',
  )
  expect(broker.stats()).toMatchObject({ delayed: 3 })
  clock.advance(999)
  await settled()
  expect(peer.frames).toEqual([])
  clock.advance(2_001)
  expect((await take(peer, 2)).map(textOf)).toEqual(['soon', 'late'])
  expect(broker.stats()).toMatchObject({ delayed: 0, bytes: 0 })
})

test('wildcards read several queues, those of later included', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  await peer.confirmed('SEND', { destination: '/queue/myapp.a.b' }, '1')
  await peer.confirmed('SEND', { destination: '/queue/myapp.c' }, '2')
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', { id: 's', destination: '/queue/myapp.a.*', ack: 'client-individual' })
  await peer.confirmed('SEND', { destination: '/queue/myapp.a.c' }, '3')
  const frames = await take(reader, 2)
  expect(frames.map(frame => frame.header('destination'))).toEqual(['/queue/myapp.a.b', '/queue/myapp.a.c'])
  await reader.confirmed('ACK', { id: frames[1]!.header('ack')! })
  expect(broker.stats().queues.map(queue => queue.destination)).toEqual(['/queue/myapp.a.b', '/queue/myapp.c'])
})

test('the RECEIPT of a SUBSCRIBE comes before the messages that waited, on queues and for durable readers', async () => {
  await using broker = createEmbeddedBroker()
  const sender = await openPeer(broker)
  const headers = { 'client-id': 'c' }
  const topic = { id: 'd', destination: '/topic/myapp.t', durable: 'true' }
  const first = await openPeer(broker, { headers })
  await first.confirmed('SUBSCRIBE', topic)
  await first.confirmed('DISCONNECT')
  await sendAll(sender, '/topic/myapp.t', 'one', 'two')
  await sendAll(sender, '/queue/myapp.x', 'one', 'two')
  const reader = await openPeer(broker, { headers })
  expect(await reader.confirmed('SUBSCRIBE', { id: 'q', destination: '/queue/myapp.x' })).toEqual([])
  expect((await take(reader, 2)).map(textOf)).toEqual(['one', 'two'])
  expect(await reader.confirmed('SUBSCRIBE', topic)).toEqual([])
  expect((await take(reader, 2)).map(textOf)).toEqual(['one', 'two'])
  // Without a receipt they come as well
  reader.send('SUBSCRIBE', { id: 'n', destination: '/queue/myapp.y' })
  await sendAll(sender, '/queue/myapp.y', 'three')
  expect(textOf(await reader.next())).toBe('three')
})
