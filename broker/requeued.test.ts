/** Messages that readers of a queue give back: when they go, with UNSUBSCRIBE and with NACK. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startCpuTime } from '../test/support/cpu-time.ts'
import { createEmbeddedBroker } from './mod.ts'
import { openPeer, type Peer, sendAll, settled, take, textOf } from './testing.ts'

const destination = '/queue/myapp.x'
const ackAll = { id: 's', destination, ack: 'client' }
const ackEach = { id: 's', destination, ack: 'client-individual' }

test('unacknowledged messages come back in order, redelivered, when their reader goes', async () => {
  await using broker = createEmbeddedBroker()
  const sender = await openPeer(broker)
  const first = await openPeer(broker)
  await first.confirmed('SUBSCRIBE', { ...ackAll, 'prefetch-count': '3' })
  await sendAll(sender, destination, '1', '2', '3', '4')
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

test('messages come back in order, also when several readers go in any order', async () => {
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

test('UNSUBSCRIBE gives back unacknowledged messages, and an ACK of one is an ERROR', async () => {
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

test('UNSUBSCRIBE marks nothing as redelivered, and takes no mark away', async () => {
  await using broker = createEmbeddedBroker()
  const [dying, reader] = [await openPeer(broker), await openPeer(broker)]
  await dying.confirmed('SUBSCRIBE', { ...ackEach, 'prefetch-count': '1' })
  await sendAll(reader, destination, '1', '2')
  await dying.next()
  dying.link.close()
  await dying.ended
  const marks = [
    ['1', 'true'],
    ['2', undefined],
  ]
  for (const id of ['s', 't']) {
    reader.send('SUBSCRIBE', { ...ackEach, id })
    const frames = await take(reader, 2)
    expect(frames.map(frame => [textOf(frame), frame.header('redelivered')])).toEqual(marks)
    await reader.confirmed('UNSUBSCRIBE', { id })
  }
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

test('a NACK comes back to the only reader, behind the messages that wait', async () => {
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
  const cpuMs = startCpuTime()
  for (let reader = 0; reader < readers; reader++) await peer.confirmed('UNSUBSCRIBE', { id: `s${reader}` })
  // Under a second; passing the earlier ones one by one took fourteen
  expect(cpuMs()).toBeLessThan(6_000)
  const bodies = (await peer.confirmed('SUBSCRIBE', { id: 'last', destination })).map(textOf)
  while (bodies.length < readers * each) bodies.push(textOf(await peer.next()))
  expect(bodies).toEqual(Array.from({ length: readers * each }, (_, message) => `${message}`))
}, 60_000)
