import { expect, test } from 'vitest'
import { createEmbeddedBroker } from './mod.ts'
import { ManualClock, openPeer, settled, textOf } from './testing.ts'

const destination = '/topic/myapp.news'

test('a topic reaches every reader, its sender included, and nobody who comes later', async () => {
  await using broker = createEmbeddedBroker()
  const [sender, other] = [await openPeer(broker), await openPeer(broker)]
  await sender.confirmed('SEND', { destination }, 'before')
  for (const peer of [sender, other]) await peer.confirmed('SUBSCRIBE', { id: 's', destination })
  sender.send('SEND', { destination }, 'hi')
  for (const peer of [sender, other]) {
    const message = await peer.next()
    expect(textOf(message)).toBe('hi')
    expect(message.header('ack')).toBeUndefined()
  }
  expect(broker.stats().bytes).toBe(0)
})

test.each([
  ['myapp.tasks.*', ['myapp.tasks.a'], ['myapp.tasks', 'myapp.tasks.a.b', 'myapp.other.a']],
  ['myapp.tasks.>', ['myapp.tasks', 'myapp.tasks.a', 'myapp.tasks.a.b'], ['myapp.task', 'myapp.taskss.a']],
  ['myapp.*.a', ['myapp.tasks.a', 'myapp.x.a'], ['myapp.a', 'myapp.x.a.b']],
])('a subscription to %s matches by parts', async (pattern, matching, others) => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 's', destination: `/topic/${pattern}` })
  for (const name of [...matching, ...others]) peer.send('SEND', { destination: `/topic/${name}` })
  const frames = await peer.confirmed('SEND', { destination: '/queue/myapp.fence' })
  expect(frames.map(frame => frame.header('destination'))).toEqual(matching.map(name => `/topic/${name}`))
})

test('two subscriptions of one connection that match get one copy each', async () => {
  await using broker = createEmbeddedBroker()
  for (const version of ['1.0', '1.2'] as const) {
    const peer = await openPeer(broker, { version })
    await peer.confirmed('SUBSCRIBE', { id: 'a', destination, ack: 'client-individual' })
    await peer.confirmed('SUBSCRIBE', { id: 'b', destination: '/topic/myapp.*', ack: 'client-individual' })
    peer.send('SEND', { destination }, 'hi')
    const frames = [await peer.next(), await peer.next()]
    expect(frames.map(frame => frame.header('subscription'))).toEqual(['a', 'b'])
    for (const frame of frames) {
      await peer.confirmed(
        'ACK',
        version === '1.2' ? { id: frame.header('ack')! } : { 'message-id': frame.header('message-id')! },
      )
    }
    peer.link.close()
    await peer.ended
  }
})

test('a topic with a window waits for ACKs and loses nothing; a NACK ends a message', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 's', destination, ack: 'client', 'prefetch-count': '1' })
  for (const body of ['1', '2', '3']) peer.send('SEND', { destination }, body)
  for (const [body, command] of [
    ['1', 'ACK'],
    ['2', 'NACK'],
    ['3', 'ACK'],
  ] as const) {
    const message = await peer.next()
    expect(textOf(message)).toBe(body)
    await settled()
    expect(peer.frames).toEqual([])
    peer.send(command, { id: message.header('ack')! })
  }
  await settled()
  expect(broker.stats().bytes).toBe(0)
})

test('UNSUBSCRIBE ends a topic subscription', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 's', destination })
  await peer.confirmed('UNSUBSCRIBE', { id: 's' })
  expect(await peer.confirmed('SEND', { destination })).toEqual([])
})

test('a backlog is expired too', async () => {
  const clock = new ManualClock()
  await using broker = createEmbeddedBroker({ clock })
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 's', destination, ack: 'client', 'prefetch-count': '1' })
  peer.send('SEND', { destination }, '1')
  peer.send('SEND', { destination, expires: String(clock.now() + 100) }, '2')
  peer.send('SEND', { destination }, '3')
  const message = await peer.next()
  clock.advance(100)
  peer.send('ACK', { id: message.header('ack')! })
  expect(textOf(await peer.next())).toBe('3')
})

const durable = { id: 'd', destination, durable: 'true', ack: 'client-individual' }
const named = { headers: { 'client-id': 'me' } }

test('a durable subscription keeps messages that come while its reader is away', async () => {
  await using broker = createEmbeddedBroker()
  const sender = await openPeer(broker)
  const first = await openPeer(broker, named)
  await first.confirmed('SUBSCRIBE', durable)
  await sender.confirmed('SEND', { destination }, '1')
  expect(textOf(await first.next())).toBe('1')
  first.link.close()
  await first.ended
  await sender.confirmed('SEND', { destination }, '2')
  const second = await openPeer(broker, named)
  second.send('SUBSCRIBE', durable)
  const frames = [await second.next(), await second.next()]
  expect(frames.map(textOf)).toEqual(['1', '2'])
  expect(frames.map(frame => frame.header('redelivered'))).toEqual(['true', undefined])
  for (const frame of frames) await second.confirmed('ACK', { id: frame.header('ack')! })
  await second.confirmed('UNSUBSCRIBE', { id: 'd' })
  await sender.confirmed('SEND', { destination }, '3')
  expect(broker.stats().queues).toMatchObject([{ destination: 'durable foo/me/d', waiting: 1, readers: 0 }])
  await second.confirmed('UNSUBSCRIBE', { id: 'd', durable: 'true' })
  await sender.confirmed('SEND', { destination }, '4')
  expect(broker.stats()).toMatchObject({ queues: [], bytes: 0 })
})

test('a durable subscription moves to the newer connection', async () => {
  await using broker = createEmbeddedBroker()
  const first = await openPeer(broker, named)
  await first.confirmed('SUBSCRIBE', durable)
  first.send('SEND', { destination }, 'hi')
  await first.next()
  const second = await openPeer(broker, named)
  second.send('SUBSCRIBE', durable)
  expect((await first.error()).header('drover-code')).toBe('session_replaced')
  expect((await second.next()).header('redelivered')).toBe('true')
})

test('a durable subscription that names another topic starts anew', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker, named)
  await peer.confirmed('SUBSCRIBE', durable)
  await peer.confirmed('UNSUBSCRIBE', { id: 'd' })
  await peer.confirmed('SEND', { destination }, 'old')
  await peer.confirmed('SUBSCRIBE', { ...durable, destination: '/topic/myapp.other' })
  expect(await peer.confirmed('SEND', { destination }, 'old')).toEqual([])
  expect(broker.stats().bytes).toBe(0)
})

test('a durable subscription that nobody reads is ended at its limit, and says so once', async () => {
  const events: string[] = []
  await using broker = createEmbeddedBroker({
    limits: { maxQueueMessages: 2 },
    onEvent: event => void events.push(event.type),
  })
  const peer = await openPeer(broker, named)
  await peer.confirmed('SUBSCRIBE', durable)
  await peer.confirmed('UNSUBSCRIBE', { id: 'd' })
  for (const body of ['1', '2', '3', '4']) await peer.confirmed('SEND', { destination }, body)
  expect(events).toContain('durable_dropped')
  expect(broker.stats().bytes).toBe(0)
  peer.send('SUBSCRIBE', durable)
  expect((await peer.error()).header('message')).toMatch(/ended because nobody read it/)
  const again = await openPeer(broker, named)
  await again.confirmed('SUBSCRIBE', durable)
  expect(await again.confirmed('SEND', { destination }, '5')).toHaveLength(1)
})

test('durable subscriptions have a limit, and need a client-id', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxDurables: 1 } })
  const nameless = await openPeer(broker)
  nameless.send('SUBSCRIBE', durable)
  expect((await nameless.error()).header('message')).toMatch(/needs a client-id on CONNECT/)
  const peer = await openPeer(broker, named)
  await peer.confirmed('SUBSCRIBE', durable)
  peer.send('SUBSCRIBE', { ...durable, id: 'e' })
  expect((await peer.error()).header('message')).toMatch(/there would be 2 durable subscriptions; the limit is 1/)
})

test("a temporary queue is its connection's own, and others can answer it", async () => {
  await using broker = createEmbeddedBroker()
  const [asker, answerer] = [await openPeer(broker), await openPeer(broker)]
  await answerer.confirmed('SUBSCRIBE', { id: 'q', destination: '/queue/myapp.q' })
  await asker.confirmed('SUBSCRIBE', { id: 'r', destination: '/temp-queue/r' })
  await asker.confirmed('SEND', { destination: '/queue/myapp.q', 'reply-to': '/temp-queue/r' }, 'ask')
  const replyTo = (await answerer.next()).header('reply-to')!
  expect(replyTo).toMatch(/^\/temp-queue\/drover-[0-9a-f-]{36}\.r$/)
  await answerer.confirmed('SEND', { destination: replyTo }, 'answer')
  const answer = await asker.next()
  expect(textOf(answer)).toBe('answer')
  expect(answer.header('subscription')).toBe('r')
  await asker.confirmed('SEND', { destination: '/temp-queue/r' }, 'to myself')
  answerer.send('SUBSCRIBE', { id: 'x', destination: replyTo })
  expect((await answerer.error()).header('drover-code')).toBe('forbidden')
})

test('an answer before SUBSCRIBE is kept, and one after the asker went is dropped', async () => {
  const events: unknown[] = []
  await using broker = createEmbeddedBroker({ onEvent: event => void events.push(event) })
  const [asker, answerer] = [await openPeer(broker), await openPeer(broker)]
  await answerer.confirmed('SUBSCRIBE', { id: 'q', destination: '/queue/myapp.q' })
  await asker.confirmed('SEND', { destination: '/queue/myapp.q', 'reply-to': '/temp-queue/r' })
  const destination = (await answerer.next()).header('reply-to')!
  await answerer.confirmed('SEND', { destination }, 'early')
  await answerer.confirmed('SEND', { destination, AMQ_SCHEDULED_DELAY: '1000' }, 'late')
  await asker.confirmed('SUBSCRIBE', { id: 'r', destination: '/temp-queue/r', ack: 'client' })
  asker.link.close()
  await asker.ended
  await answerer.confirmed('SEND', { destination }, 'nobody')
  expect(events).toContainEqual({ type: 'reply_dropped', destination })
  expect(broker.stats().queues.map(queue => queue.destination)).toEqual(['/queue/myapp.q'])
})

test('temporary queues have a limit and no wildcards', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxSubscriptions: 1 } })
  for (const [frames, message] of [
    [
      [
        ['SEND', { destination: '/temp-queue/a' }],
        ['SEND', { destination: '/temp-queue/b' }],
      ],
      /1 temporary queues/,
    ],
    [[['SUBSCRIBE', { id: 's', destination: '/temp-queue/*' }]], /read one by one/],
    [[['SEND', { destination: '/queue/myapp.q', 'reply-to': '/temp-queue/>' }]], /name one queue/],
    [
      [
        ['SUBSCRIBE', { id: 'a', destination }],
        ['SUBSCRIBE', { id: 'b', destination }],
      ],
      /1 subscriptions/,
    ],
  ] as const) {
    const peer = await openPeer(broker)
    for (const [command, headers] of frames) peer.send(command, headers)
    expect((await peer.error()).header('message')).toMatch(message)
  }
})
