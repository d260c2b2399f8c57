import { expect, test } from 'vitest'
import { defaultFrameLimits } from '../shared/frames/mod.ts'
import { createEmbeddedBroker } from './mod.ts'
import { ManualClock, openPeer, settled, textOf } from './testing.ts'

const destination = '/queue/myapp.x'

test('a full queue is an ERROR with the receipt-id, and loses nothing that it had', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxQueueMessages: 2 } })
  const peer = await openPeer(broker)
  for (const body of ['1', '2']) await peer.confirmed('SEND', { destination }, body)
  peer.send('SEND', { destination, receipt: 'r' }, '3')
  const error = await peer.error()
  expect(error.header('receipt-id')).toBe('r')
  expect(error.header('drover-code')).toBe('queue_full')
  expect(error.header('message')).toMatch(/holds 2 messages; its limit is 2/)
  expect(broker.stats().queues).toMatchObject([{ waiting: 2 }])
})

test('messages that are handed out or delayed count for the queue', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxQueueMessages: 2 } })
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 's', destination, ack: 'client' })
  await peer.confirmed('SEND', { destination })
  await peer.confirmed('SEND', { destination, AMQ_SCHEDULED_DELAY: '60000' })
  peer.send('SEND', { destination })
  expect((await peer.error()).header('drover-code')).toBe('queue_full')
})

test('a queue has a limit in bytes, and all queues together have one', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxQueueBytes: 10_000, maxTotalBytes: 15_000 } })
  const peer = await openPeer(broker)
  await peer.confirmed('SEND', { destination }, 'x'.repeat(8_000))
  peer.send('SEND', { destination }, 'x'.repeat(8_000))
  expect((await peer.error()).header('message')).toMatch(/\/queue\/myapp.x holds 8\d{3} bytes/)
  const other = await openPeer(broker)
  other.send('SEND', { destination: '/queue/myapp.y' }, 'x'.repeat(8_000))
  expect((await other.error()).header('message')).toMatch(/the broker holds 8\d{3} bytes; its limit is 15000/)
  const topics = await openPeer(broker)
  await topics.confirmed('SUBSCRIBE', { id: 's', destination: '/topic/myapp.t' })
  expect(await topics.confirmed('SEND', { destination: '/topic/myapp.t' }, 'x'.repeat(8_000))).toHaveLength(1)
})

test('queues are limited in number', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxQueues: 2 } })
  const other = '/queue/myapp.y'
  const open = await openPeer(broker)
  await open.confirmed('SEND', { destination })
  for (const frames of [
    [
      ['SEND', { destination: other }],
      ['SEND', { destination: '/queue/myapp.z' }],
    ],
    [
      ['SUBSCRIBE', { id: 's', destination: other }],
      ['SUBSCRIBE', { id: 't', destination: '/temp-queue/z' }],
    ],
    [
      ['BEGIN', { transaction: 't' }],
      ['SEND', { transaction: 't', destination: other }],
      ['SEND', { transaction: 't', destination: '/queue/myapp.z' }],
      ['COMMIT', { transaction: 't' }],
    ],
  ] as const) {
    const peer = await openPeer(broker)
    for (const [command, headers] of frames) peer.send(command, headers)
    expect((await peer.error()).header('message')).toMatch(/there would be 3 queues; the limit is 2/)
  }
  await open.confirmed('SEND', { destination })
})

test('an owner that makes too many queues is refused, and others go on', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxOwnerQueues: 2 } })
  const connect = (owner: string) => openPeer({ ...broker, connect: sink => broker.connect(sink, { owner }) })
  const first = await connect('ada')
  for (const id of ['a', 'b']) await first.confirmed('SUBSCRIBE', { id, destination: `/queue/myapp.${id}` })
  for (const queue of ['/queue/myapp.c', '/temp-queue/c']) {
    const second = await connect('ada')
    second.send('SUBSCRIBE', { id: 'c', destination: queue })
    expect((await second.error()).header('message')).toMatch(/ada would have 3 queues; one owner's limit is 2/)
  }
  const other = await connect('rex')
  await other.confirmed('SUBSCRIBE', { id: 'c', destination: '/queue/myapp.c' })
  await first.confirmed('UNSUBSCRIBE', { id: 'a' })
  await first.confirmed('SUBSCRIBE', { id: 'd', destination: '/queue/myapp.d' })
})

test('durable subscriptions and connections of one owner leave room for those of others', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxOwnerDurables: 1, maxOwnerConnections: 3 } })
  const connect = (owner: string) =>
    openPeer({ ...broker, connect: sink => broker.connect(sink, { owner }) }, { headers: { 'client-id': owner } })
  const durable = (id: string) => ({ id, destination: '/topic/myapp.t', durable: 'true' })
  const [first, second] = [await connect('ada'), await connect('ada')]
  await first.confirmed('SUBSCRIBE', durable('a'))
  second.send('SUBSCRIBE', durable('b'))
  expect((await second.error()).header('message')).toMatch(/ada would have 2 durable subscriptions; one owner's limit/)
  const other = await connect('rex')
  await other.confirmed('SUBSCRIBE', durable('a'))
  await first.confirmed('UNSUBSCRIBE', { id: 'a', durable: 'true' })
  await first.confirmed('SUBSCRIBE', durable('b'))
  await Promise.all([connect('ada'), connect('ada')])
  await expect(connect('ada')).rejects.toThrow(/ada would have 4 connections/)
  await connect('rex')
})

test('a transaction that does not fit changes nothing', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxQueueMessages: 2 } })
  const peer = await openPeer(broker)
  await peer.confirmed('BEGIN', { transaction: 't' })
  for (let at = 0; at < 3; at++) await peer.confirmed('SEND', { destination, transaction: 't' })
  peer.send('COMMIT', { transaction: 't', receipt: 'r' })
  expect((await peer.error()).header('receipt-id')).toBe('r')
  expect(broker.stats()).toMatchObject({ queues: [], bytes: 0 })
})

test('a frame past its limits is an ERROR', async () => {
  await using broker = createEmbeddedBroker({
    limits: { frame: { maxHeaders: 10, maxHeaderBytes: 500, maxBodyBytes: 10 } },
  })
  const peer = await openPeer(broker)
  peer.send('SEND', { destination }, 'x'.repeat(11))
  expect((await peer.error()).header('drover-code')).toBe('frame_too_large')
})

test('with the policy wait, a sender waits until there is room, and its frames stay in order', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxQueueMessages: 1 }, policy: 'wait' })
  const [sender, reader] = [await openPeer(broker), await openPeer(broker)]
  for (const body of ['1', '2', '3']) sender.send('SEND', { destination, receipt: body }, body)
  sender.send('SEND', { destination: '/queue/myapp.other', receipt: '4' })
  await settled()
  expect(sender.frames.map(frame => frame.header('receipt-id'))).toEqual(['1'])
  sender.send('SEND', { destination: '/queue/myapp.another', receipt: '5' })
  expect(sender.link.unsentBytes).toBeGreaterThan(0)
  reader.send('SUBSCRIBE', { id: 's', destination, ack: 'client' })
  for (const body of ['1', '2', '3']) {
    const message = await reader.next()
    expect(textOf(message)).toBe(body)
    reader.send('ACK', { id: message.header('ack')! })
  }
  await settled()
  expect(sender.frames.map(frame => frame.header('receipt-id'))).toEqual(['1', '2', '3', '4', '5'])
})

test('a wait ends in an ERROR when no room comes, and heart-beats do not end it before', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock, limits: { maxQueueMessages: 1 }, policy: 'wait' })
  const sender = await openPeer(broker, { headers: { 'heart-beat': '1000,0' } })
  sender.send('SEND', { destination })
  sender.send('SEND', { destination, receipt: 'r' })
  await settled()
  clock.advance(29_000)
  expect(broker.stats().connections).toBe(1)
  clock.advance(1_000)
  const error = await sender.error()
  expect(error.header('drover-code')).toBe('queue_full')
  expect(error.header('receipt-id')).toBe('r')
  expect(clock.timers).toBe(0)
})

test('a waiting sender that goes away leaves nothing', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock, limits: { maxQueueMessages: 1 }, policy: 'wait' })
  const sender = await openPeer(broker)
  for (let at = 0; at < 2; at++) sender.send('SEND', { destination })
  await settled()
  sender.link.close()
  await sender.ended
  await settled()
  expect(broker.stats()).toMatchObject({ connections: 0, queues: [{ waiting: 1 }] })
  expect(clock.timers).toBe(0)
})

test('a queue waits for a reader whose link is full, and other readers go on', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxUnsentBytes: 200_000 } })
  const [slow, sender] = [await openPeer(broker), await openPeer(broker)]
  await slow.confirmed('SUBSCRIBE', { id: 's', destination })
  slow.link.pause()
  const body = 'x'.repeat(10_000)
  for (let at = 0; at < 100; at++) await sender.confirmed('SEND', { destination }, body)
  const held = broker.stats().queues[0]!.waiting
  expect(held).toBeGreaterThan(70)
  expect(held).toBeLessThan(90)
  await sender.confirmed('SUBSCRIBE', { id: 'o', destination: '/topic/myapp.o' })
  expect(await sender.confirmed('SEND', { destination: '/topic/myapp.o' })).toHaveLength(1)
  slow.link.resume()
  for (let at = 0; at < 100; at++) await slow.next()
  expect(broker.stats().bytes).toBe(0)
})

test('a topic reader that stands still is dropped with the reason, and nobody else loses anything', async () => {
  const clock = new ManualClock()
  const events: unknown[] = []
  await using broker = createEmbeddedBroker({
    clock,
    limits: { maxUnsentBytes: 200_000 },
    onEvent: event => void (event.type === 'session_ended' && events.push(event.error)),
  })
  const topic = '/topic/myapp.t'
  const [still, reader, sender] = [await openPeer(broker), await openPeer(broker), await openPeer(broker)]
  for (const peer of [still, reader]) await peer.confirmed('SUBSCRIBE', { id: 's', destination: topic })
  still.link.pause()
  for (let at = 0; at < 100; at++) await sender.confirmed('SEND', { destination: topic }, 'x'.repeat(10_000))
  expect(broker.stats().bytes).toBeGreaterThan(500_000)
  clock.advance(10_000)
  expect(events).toMatchObject([{ code: 'slow_reader' }])
  expect(broker.stats()).toMatchObject({ bytes: 0 })
  for (let at = 0; at < 100; at++) await reader.next()
  still.link.resume()
  expect((await still.error()).header('message')).toMatch(/read nothing for 10 s/)
})

test('a topic reader that reads slowly goes on, until its backlog is past the limit', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock, limits: { maxUnsentBytes: 200_000, maxBacklogBytes: 1_000_000 } })
  const topic = '/topic/myapp.t'
  const [slow, sender] = [await openPeer(broker), await openPeer(broker)]
  await slow.confirmed('SUBSCRIBE', { id: 's', destination: topic })
  const send = async (count: number) => {
    for (let at = 0; at < count; at++) await sender.confirmed('SEND', { destination: topic }, 'x'.repeat(10_000))
  }
  slow.link.pause()
  await send(50)
  clock.advance(9_000)
  slow.link.resume()
  await settled()
  slow.link.pause()
  await send(50)
  clock.advance(9_000)
  expect(broker.stats().connections).toBe(2)
  await send(100)
  slow.link.resume()
  expect((await slow.error()).header('message')).toMatch(/behind by \d+ messages/)
  expect(broker.stats()).toMatchObject({ connections: 1, bytes: 0 })
})

test('a connection that its own COMMIT ends, as too slow a reader, leaves the books right', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxBacklogMessages: 1 } })
  const topic = '/topic/myapp.t'
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 't', destination: topic, ack: 'client', 'prefetch-count': '1' })
  peer.send('SUBSCRIBE', { id: 'q', destination, ack: 'client' })
  peer.send('SEND', { destination }, 'job')
  const job = await peer.next()
  await peer.confirmed('BEGIN', { transaction: 't' })
  for (let at = 0; at < 3; at++) await peer.confirmed('SEND', { destination: topic, transaction: 't' })
  await peer.confirmed('ACK', { id: job.header('ack')!, transaction: 't' })
  peer.send('COMMIT', { transaction: 't' })
  expect((await peer.error()).header('drover-code')).toBe('slow_reader')
  expect(broker.stats()).toMatchObject({ bytes: 0, queues: [] })
})

test('a topic reader that never acknowledges is dropped when its backlog is past the limit', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxBacklogMessages: 10 } })
  const topic = '/topic/myapp.t'
  const [reader, sender] = [await openPeer(broker), await openPeer(broker)]
  await reader.confirmed('SUBSCRIBE', { id: 's', destination: topic, ack: 'client', 'prefetch-count': '5' })
  for (let at = 0; at < 16; at++) await sender.confirmed('SEND', { destination: topic })
  expect((await reader.error()).header('drover-code')).toBe('slow_reader')
})

test('a peer that reads nothing is not read from, also when it asks for RECEIPTs; it goes on when it reads', async () => {
  await using broker = createEmbeddedBroker({ limits: { frame: { ...defaultFrameLimits, maxBodyBytes: 100_000 } } })
  const peer = await openPeer(broker)
  peer.link.pause()
  const receipt = 'r'.repeat(1_000)
  const frames = 2_000
  for (let frame = 0; frame < frames / 2; frame++) {
    peer.send('BEGIN', { transaction: 't', receipt })
    peer.send('ABORT', { transaction: 't', receipt })
  }
  await settled()
  // Of its 2 MB, those that would bring it more than some 0.7 MB were not taken
  expect(peer.link.unsentBytes).toBeGreaterThan(1_000_000)
  peer.link.resume()
  for (let frame = 0; frame < frames; frame++) expect((await peer.next()).command).toBe('RECEIPT')
  expect(peer.link.unsentBytes).toBe(0)
})
