/** Operators look into queues, empty them and move their messages, in memory and with a disk that loses power. */
import { expect, test } from 'vitest'
import { createEmbeddedBroker, type EmbeddedBroker } from '../broker.ts'
import { handedOut, restart, start } from '../store/testing.ts'
import { ManualClock, openPeer, sendAll, settled, take, textOf } from '../testing.ts'

const [from, to] = ['myapp.tasks.a', 'myapp.named.a']
const [queue, other] = [`/queue/${from}`, `/queue/${to}`]
const reading = { id: 's', destination: queue, ack: 'client-individual', 'prefetch-count': '1' }
const delay = (ms: number) => ({ destination: queue, AMQ_SCHEDULED_DELAY: String(ms) })

const countsOf = ({ operations }: EmbeddedBroker, name: string) => {
  const { waiting = 0, delayed = 0, unacknowledged = 0 } = operations.queue(name) ?? {}
  return { waiting, delayed, unacknowledged }
}

test('a queue is told of with what waits, is delayed, is in hand, its readers, bytes and the time of its oldest', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock })
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', reading)
  const peer = await openPeer(broker)
  await sendAll(peer, queue, 'first')
  clock.advance(1_000)
  const secondAt = clock.now()
  const more = { destination: queue, 'correlation-id': 'c2', 'drover-sender': 'ada', priority: '2' }
  await peer.confirmed('SEND', more, 'second')
  clock.advance(1_000)
  await peer.confirmed('SEND', { destination: queue, priority: '9' }, 'urgent')
  await peer.confirmed('SEND', delay(5_000), 'later')
  await sendAll(peer, '/queue/myapp.other', 'not asked for')
  const { queues } = broker.operations.queues(name => name.startsWith('myapp.tasks.'), 10)
  const counts = { waiting: 2, delayed: 1, unacknowledged: 1, consumers: 1, dropped: 0 }
  expect(queues).toEqual([{ name: from, ...counts, oldestAt: secondAt, bytes: broker.stats().queues[0]!.bytes }])
  expect(broker.operations.waiting(from, 10)).toMatchObject([
    { priority: 9, at: clock.now(), isRedelivered: false },
    { correlationId: 'c2', sender: 'ada', at: secondAt },
    { dueAt: clock.now() + 5_000 },
  ])
  expect(broker.operations.waiting(from, 2)).toHaveLength(2)
  expect(broker.operations.queue('myapp.nobody')).toBeUndefined()
})

test('of too many queues those with most messages are told of', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  for (const [name, count] of Object.entries({ b: 3, a: 1, c: 2 })) {
    for (let n = 0; n < count; n++) await sendAll(peer, `/queue/myapp.${name}`, 'x')
  }
  const { queues, more } = broker.operations.queues(() => true, 2)
  expect([queues.map(({ name }) => name), more]).toEqual([['myapp.b', 'myapp.c'], 1])
})

test('purge forgets what waits and what is delayed, leaves what is in hand, and keeps to its bound', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  await sendAll(peer, queue, 'in hand', 'a', 'b')
  await peer.confirmed('SEND', delay(60_000), 'later')
  peer.send('SUBSCRIBE', reading)
  const [inHand] = await take(peer, 1)
  expect(await broker.operations.purge(from, { limit: 1 })).toEqual({ messages: 1, left: 3 })
  expect(await broker.operations.purge(from)).toEqual({ messages: 2, left: 1 })
  expect(countsOf(broker, from)).toEqual({ waiting: 0, delayed: 0, unacknowledged: 1 })
  await sendAll(peer, queue, 'after')
  peer.send('ACK', { id: inHand!.header('ack')! })
  expect(textOf((await take(peer, 1))[0]!)).toBe('after')
  expect(await broker.operations.purge('myapp.nobody')).toEqual({ messages: 0, left: 0 })
})

test('a move keeps order, marks, delays and headers, names the new queue, and leaves what is in hand', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock })
  const gone = await openPeer(broker)
  await sendAll(gone, queue, 'was in hand')
  gone.send('SUBSCRIBE', reading)
  await take(gone, 1)
  gone.link.close()
  await settled()
  const peer = await openPeer(broker)
  await peer.confirmed('SEND', { destination: queue, note: 'a\nb', 'drover-pass': 'old', priority: '9' }, 'urgent')
  peer.send('SUBSCRIBE', reading)
  const [urgent] = await take(peer, 1)
  await peer.confirmed('SEND', { destination: queue, 'content-type': 'text/plain' }, 'last')
  await peer.confirmed('SEND', delay(60_000), 'later')
  const moving = broker.operations.move(from, to, {
    readdress: headers => new Map(headers.has('drover-pass') ? [['drover-pass', 'new']] : []),
  })
  expect(await moving).toEqual({ messages: 3, left: 1 })
  expect(countsOf(broker, from)).toEqual({ waiting: 0, delayed: 0, unacknowledged: 1 })
  expect(countsOf(broker, to)).toEqual({ waiting: 2, delayed: 1, unacknowledged: 0 })
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', { ...reading, destination: other, 'prefetch-count': '9' })
  clock.advance(60_000)
  const frames = await take(reader, 3)
  expect(frames.map(frame => [textOf(frame), frame.header('redelivered'), frame.header('destination')])).toEqual([
    ['was in hand', 'true', other],
    ['last', undefined, other],
    ['later', undefined, other],
  ])
  expect(frames[1]!.header('content-type')).toBe('text/plain')
  expect([textOf(urgent!), urgent!.header('drover-pass')]).toEqual(['urgent', 'old'])
})

test('a move that may not be, or finds no room, leaves each message that is not moved in its place', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxQueueMessages: 3 } })
  const peer = await openPeer(broker)
  await sendAll(peer, queue, 'a', 'b', 'c')
  for (const bad of [from, 'myapp.*', 'myapp.>', 'a b', 'a,b', '', 'a:b', 'a\\b', 'a'.repeat(501)]) {
    await expect(broker.operations.move(from, bad), bad).rejects.toMatchObject({ code: 'message_invalid' })
  }
  for (const limit of [0, 1.5, 1_000_001, Number.NaN]) {
    await expect(broker.operations.purge(from, { limit }), String(limit)).rejects.toMatchObject({
      code: 'message_invalid',
    })
  }
  const refused = { messages: 0, left: 3, stoppedBecause: 'it stays' }
  expect(await broker.operations.move(from, to, { readdress: () => 'it stays' })).toEqual(refused)
  await sendAll(peer, other, 'x', 'y')
  const full = await broker.operations.move(from, to)
  expect(full).toEqual({ messages: 1, left: 2, stoppedBecause: expect.stringContaining('its limit is 3') })
  expect(await handedOut(broker, queue)).toEqual([
    ['b', false],
    ['c', false],
  ])
  expect(await handedOut(broker, other)).toEqual([
    ['x', false],
    ['y', false],
    ['a', false],
  ])
})

test('wherever the power is lost in a move each message is in one of the two queues, and marks and delays are there', async () => {
  const { broker, disk, clock } = start()
  const peer = await openPeer(broker)
  const bodies = Array.from({ length: 1_100 }, (_, n) => `m${n}`)
  for (const body of bodies) peer.send('SEND', { destination: queue }, body)
  await peer.confirmed('SEND', delay(60_000), 'later')
  const gone = await openPeer(broker)
  gone.send('SUBSCRIBE', reading)
  await take(gone, 1)
  gone.link.close()
  clock.advance(20)
  await settled()
  disk.standStill()
  const moving = broker.operations.move(from, to)
  let isOver = false
  void moving.then(() => (isOver = true))
  const split: number[] = []
  while (!isOver) {
    await settled()
    const after = restart(disk)
    const [here, there] = [await handedOutAll(after.broker, queue), await handedOutAll(after.broker, other)]
    expect([...there, ...here].toSorted()).toEqual([...bodies, 'later'].toSorted())
    split.push(there.length)
    disk.goOn()
    disk.standStill()
    await settled()
  }
  disk.goOn()
  expect(await moving).toEqual({ messages: 1_101, left: 0 })
  expect(split).toEqual([0, 500, 1_000])
  const after = restart(disk)
  expect(countsOf(after.broker, from)).toEqual({ waiting: 0, delayed: 0, unacknowledged: 0 })
  expect(countsOf(after.broker, to)).toEqual({ waiting: 1_100, delayed: 1, unacknowledged: 0 })
  expect((await handedOut(after.broker, other)).filter(([, isMarked]) => isMarked)).toEqual([['m0', true]])
})

test('what a purge told of does not come back, and one that the disk does not have is told as that', async () => {
  const { broker, disk, clock } = start()
  const peer = await openPeer(broker)
  await sendAll(peer, queue, 'a', 'b', 'c')
  await peer.confirmed('SEND', delay(60_000), 'later')
  expect(await broker.operations.purge(from, { limit: 2 })).toEqual({ messages: 2, left: 2 })
  expect(await handedOutAll(restart(disk).broker, queue)).toEqual(['c', 'later'])
  disk.failure = new Error('no space is left')
  const failed = {
    code: 'store_failed',
    message: expect.stringContaining('2 messages were taken out of /queue/myapp.tasks.a'),
  }
  await expect(broker.operations.purge(from)).rejects.toMatchObject(failed)
  disk.failure = undefined
  clock.advance(1_000)
  await settled()
  expect(await handedOutAll(restart(disk).broker, queue)).toEqual([])
})

test('a message whose bytes only the disk has is moved as it was, and looking at it leaves them there', async () => {
  const { broker, disk } = start()
  const peer = await openPeer(broker)
  await sendAll(peer, queue, 'a', 'b')
  const after = restart(disk)
  expect(after.broker.operations.queue(from)).toMatchObject({ waiting: 2, oldestAt: after.clock.now() })
  expect(after.broker.operations.waiting(from, 1)).toMatchObject([{ at: after.clock.now() }])
  expect(await after.broker.operations.move(from, to)).toEqual({ messages: 2, left: 0 })
  expect(await handedOut(restart(after.disk).broker, other)).toEqual([
    ['a', false],
    ['b', false],
  ])
})

test('looking at messages that only the disk has reads each once, and a disk that fails then is no failure of the store', async () => {
  const before = start()
  const peer = await openPeer(before.broker)
  await sendAll(peer, queue, 'a')
  await peer.confirmed('SEND', { ...delay(60_000), 'correlation-id': 'c' }, 'later')
  const { broker, disk, events } = restart(before.disk)
  expect(broker.operations.waiting(from, 10)).toMatchObject([
    {},
    { correlationId: 'c', priority: 4, dueAt: 1_700_000_060_000 },
  ])
  expect(disk.reads).toBe(2)
  disk.readFailure = new Error('disk I/O error')
  expect(broker.operations.waiting(from, 10)).toMatchObject([{ id: '', at: undefined }])
  expect(events.map(({ type }) => type)).not.toContain('store_failed')
})

test('a delayed message that may not be moved leaves no trace in the memory that others have', async () => {
  const before = start()
  await (await openPeer(before.broker)).confirmed('SEND', delay(60_000), 'x'.repeat(1_000_000))
  const { broker, disk } = restart(before.disk)
  for (let tries = 0; tries < 20; tries++) {
    const moving = broker.operations.move(from, to, { readdress: () => 'it stays' })
    expect(await moving).toEqual({ messages: 0, left: 1, stoppedBecause: 'it stays' })
  }
  await sendAll(await openPeer(broker), other, 'a')
  const { reads } = disk
  for (const isMarked of [false, true]) {
    expect(await handedOutOnce(broker, other)).toEqual(['a', isMarked])
  }
  expect(disk.reads - reads, 'reads of a message that memory has room for').toBe(0)
})

/** The body of the message that is handed out there, and whether it is marked, to a reader who goes away with it. */
async function handedOutOnce(broker: EmbeddedBroker, destination: string): Promise<[string, boolean]> {
  const gone = await openPeer(broker)
  gone.send('SUBSCRIBE', { ...reading, destination })
  const [frame] = await take(gone, 1)
  gone.link.close()
  await settled()
  return [textOf(frame!), frame!.header('redelivered') === 'true']
}

/** Bodies of all that waits there, delayed ones included. */
async function handedOutAll(broker: EmbeddedBroker, destination: string): Promise<string[]> {
  const [, name] = destination.split('/queue/')
  const delayed = countsOf(broker, name!).delayed
  const now = await openPeer(broker)
  now.send('SUBSCRIBE', { id: 's', destination, ack: 'auto' })
  await settled()
  return [...now.frames.map(textOf), ...Array.from({ length: delayed }, () => 'later')]
}
