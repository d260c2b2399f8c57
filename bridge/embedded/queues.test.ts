import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEmbeddedBroker } from './mod.ts'
import { ManualClock, openPeer, type Peer, settled, textOf } from './testing.ts'

const destination = '/queue/myapp.x'
const sendAll = async (peer: Peer, ...bodies: string[]) => {
  for (const body of bodies) await peer.confirmed('SEND', { destination }, body)
}
const take = async (peer: Peer, count: number) => {
  const frames = []
  while (frames.length < count) frames.push(await peer.next())
  return frames
}
const ackAll = { id: 's', destination, ack: 'client' }
const ackEach = { id: 's', destination, ack: 'client-individual' }

test('a MESSAGE has its own headers and those of the SEND', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 'a:1', destination, ack: 'client-individual' })
  const custom = {
    'content-type': 'text/plain',
    persistent: 'true',
    priority: '7',
    traceparent: '00-1',
    'we:ird\n': 'a\\b\r',
  }
  const forged = { subscription: 'x', 'message-id': 'x', ack: 'x', redelivered: 'true' }
  const [frame] = await peer.confirmed('SEND', { destination, ...custom, ...forged, 'correlation-id': '1' }, 'hi')
  const headers = frame!.headers()
  expect(frame!.command).toBe('MESSAGE')
  expect(headers.map(([name]) => name)).toEqual([
    'subscription',
    'message-id',
    'ack',
    'destination',
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

test('each version reads what another sent, escaped its own way', async () => {
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

test('messages wait for a reader, and one gets each', async () => {
  await using broker = createEmbeddedBroker()
  const sender = await openPeer(broker)
  await sendAll(sender, '1', '2')
  const readers = [await openPeer(broker), await openPeer(broker)]
  for (const reader of readers) await reader.confirmed('SUBSCRIBE', ackEach)
  await sendAll(sender, '3', '4', '5', '6')
  await settled()
  const bodies = readers.map(reader => reader.frames.map(textOf))
  expect(bodies.flat().toSorted()).toEqual(['3', '4', '5', '6'])
  expect(bodies.map(own => own.length)).toEqual([2, 2])
})

test('a reader is handed at most its prefetch-count', async () => {
  await using broker = createEmbeddedBroker()
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', { ...ackEach, 'prefetch-count': '2' })
  const sender = await openPeer(broker)
  await sendAll(sender, '1', '2', '3', '4')
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

test('what a reader did not acknowledge comes back in order, redelivered, when it goes', async () => {
  await using broker = createEmbeddedBroker()
  const sender = await openPeer(broker)
  const first = await openPeer(broker)
  await first.confirmed('SUBSCRIBE', { ...ackAll, 'prefetch-count': '3' })
  await sendAll(sender, '1', '2', '3', '4')
  const [one] = await take(first, 3)
  expect(one!.header('redelivered')).toBeUndefined()
  await first.confirmed('ACK', { id: one!.header('ack')! })
  first.link.close()
  await first.ended
  const second = await openPeer(broker)
  second.send('SUBSCRIBE', ackEach)
  const frames = await take(second, 3)
  expect(frames.map(textOf)).toEqual(['2', '3', '4'])
  expect(frames.map(frame => frame.header('redelivered'))).toEqual(['true', 'true', 'true'])
})

test('whoever goes and in which order, what comes back is in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(2), { minLength: 1, maxLength: 12 }),
      fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      async (acked, leaving) => {
        await using broker = createEmbeddedBroker()
        const readers: Peer[] = []
        for (let at = 0; at < 3; at++) {
          const reader = await openPeer(broker)
          await reader.confirmed('SUBSCRIBE', { ...ackEach, 'prefetch-count': '2' })
          readers.push(reader)
        }
        const sender = await openPeer(broker)
        const sent = Array.from({ length: 12 }, (_, at) => String(at))
        for (const body of sent) sender.send('SEND', { destination }, body)
        await settled()
        const done = new Set<string>()
        for (const at of acked) {
          const frame = readers[at]!.frames.shift()
          if (!frame) continue
          done.add(textOf(frame))
          readers[at]!.send('ACK', { id: frame.header('ack')! })
          await settled()
        }
        for (const at of leaving) {
          readers[at]!.link.close()
          await readers[at]!.ended
        }
        const last = await openPeer(broker)
        last.send('SUBSCRIBE', ackEach)
        await settled()
        expect(last.frames.map(textOf)).toEqual(sent.filter(body => !done.has(body)))
      },
    ),
    { numRuns: 40 },
  )
})

test('UNSUBSCRIBE gives back what was not acknowledged, and its ACK is an ERROR', async () => {
  await using broker = createEmbeddedBroker()
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', ackEach)
  reader.send('SEND', { destination }, 'hi')
  const message = await reader.next()
  await reader.confirmed('UNSUBSCRIBE', { id: 's' })
  expect(broker.stats().queues).toMatchObject([{ waiting: 1, pending: 0 }])
  reader.send('ACK', { id: message.header('ack')! })
  expect((await reader.error()).header('message')).toMatch(/waits for none/)
})

test('a NACK goes to another reader where there is one', async () => {
  await using broker = createEmbeddedBroker()
  const [first, second] = [await openPeer(broker), await openPeer(broker)]
  await first.confirmed('SUBSCRIBE', ackEach)
  first.send('SEND', { destination }, 'hi')
  const message = await first.next()
  await second.confirmed('SUBSCRIBE', ackEach)
  first.send('NACK', { id: message.header('ack')! })
  const again = await second.next()
  expect(textOf(again)).toBe('hi')
  expect(again.header('redelivered')).toBe('true')
})

test('a NACK comes back to the only reader, behind what waits', async () => {
  await using broker = createEmbeddedBroker()
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', { ...ackEach, 'prefetch-count': '1' })
  reader.send('SEND', { destination }, '1')
  reader.send('SEND', { destination }, '2')
  const one = await reader.next()
  reader.send('NACK', { id: one.header('ack')! })
  const two = await reader.next()
  expect(textOf(two)).toBe('2')
  reader.send('ACK', { id: two.header('ack')! })
  expect(textOf(await reader.next())).toBe('1')
})

test('priorities order what a reader finds', async () => {
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

test('what has expired is never delivered, and leaves the queue by itself', async () => {
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
  expect([...peer.frames, ...after].map(textOf)).toEqual(['fence'])
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
  const frames = await take(reader, 1)
  expect(frames[0]!.header('destination')).toBe('/queue/myapp.a.c')
  await reader.confirmed('ACK', { id: frames[0]!.header('ack')! })
  expect(broker.stats().queues.map(queue => queue.destination)).toEqual(['/queue/myapp.a.b', '/queue/myapp.c'])
})

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

test('many readers of one queue that leave in turn give back in order, and hold nobody up', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  const destination = '/queue/myapp.turns'
  const readers = 60
  const each = 500
  for (let reader = 0; reader < readers; reader++) {
    const id = `s${reader}`
    await peer.confirmed('SUBSCRIBE', { id, destination, ack: 'client-individual', 'prefetch-count': `${each}` })
  }
  const last = readers * each - 1
  for (let message = 0; message < last; message++) peer.send('SEND', { destination }, `${message}`)
  await peer.confirmed('SEND', { destination }, `${last}`)
  const started = performance.now()
  for (let reader = 0; reader < readers; reader++) await peer.confirmed('UNSUBSCRIBE', { id: `s${reader}` })
  // Under a second; passing one by one what is earlier took fourteen
  expect(performance.now() - started).toBeLessThan(6_000)
  const bodies = (await peer.confirmed('SUBSCRIBE', { id: 'last', destination })).map(textOf)
  while (bodies.length < readers * each) bodies.push(textOf(await peer.next()))
  expect(bodies).toEqual(Array.from({ length: readers * each }, (_, message) => `${message}`))
}, 60_000)
