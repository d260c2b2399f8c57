/** Messages that may be lost give way when little room is left, and the others still fit. */
import { expect, test } from 'vitest'
import { type BrokerEvent, createEmbeddedBroker } from './mod.ts'
import { openPeer, settled, take, textOf } from './testing.ts'

const destination = '/queue/myapp.x'
const news = { destination, persistent: 'false' }

test('messages with persistent:false fill three quarters of a queue; more are confirmed, dropped and counted', async () => {
  const events: BrokerEvent[] = []
  await using broker = createEmbeddedBroker({
    limits: { maxQueueMessages: 8 },
    onEvent: event => void (event.type === 'message_dropped' && events.push(event)),
  })
  const peer = await openPeer(broker)
  for (let at = 0; at < 11; at++) await peer.confirmed('SEND', news, `news ${at}`)
  expect(broker.stats()).toMatchObject({ dropped: 5, queues: [{ destination, waiting: 6, dropped: 5 }] })
  expect(events).toEqual([1, 2, 4].map(count => ({ type: 'message_dropped', destination, count })))
  await peer.confirmed('SEND', { destination, persistent: 'true' }, 'outcome')
  await peer.confirmed('SEND', { destination }, 'says nothing')
  peer.send('SEND', { destination })
  expect((await peer.error()).header('drover-code')).toBe('queue_full')
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', { id: 's', destination })
  const bodies = (await take(reader, 8)).map(textOf)
  expect(bodies.slice(-3)).toEqual(['news 5', 'outcome', 'says nothing'])
  await reader.confirmed('SEND', news)
  await settled()
  expect(broker.stats()).toMatchObject({ bytes: 0, dropped: 5 })
})

test.each([{ maxQueueBytes: 20_000 }, { maxTotalBytes: 20_000 }])('the same holds for bytes, %j', async limits => {
  await using broker = createEmbeddedBroker({ limits })
  const peer = await openPeer(broker)
  for (let at = 0; at < 40; at++) await peer.confirmed('SEND', news, 'x'.repeat(1_000))
  expect(broker.stats().bytes).toBeLessThanOrEqual(15_000)
  expect(broker.stats().bytes).toBeGreaterThan(13_000)
  await peer.confirmed('SEND', { destination, persistent: 'true' }, 'x'.repeat(4_000))
})

test('a COMMIT drops only messages that may be dropped; one that does not fit otherwise changes nothing', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxQueueMessages: 8 } })
  const peer = await openPeer(broker)
  const transaction = 't'
  await peer.confirmed('BEGIN', { transaction })
  for (let at = 0; at < 7; at++) await peer.confirmed('SEND', { ...news, transaction }, `news ${at}`)
  for (let at = 0; at < 2; at++) await peer.confirmed('SEND', { destination, transaction }, `outcome ${at}`)
  await peer.confirmed('COMMIT', { transaction })
  expect(broker.stats()).toMatchObject({ dropped: 3, queues: [{ waiting: 6 }] })
  await peer.confirmed('BEGIN', { transaction })
  await peer.confirmed('SEND', { ...news, transaction })
  for (let at = 0; at < 3; at++) await peer.confirmed('SEND', { destination, transaction })
  peer.send('COMMIT', { transaction })
  expect((await peer.error()).header('drover-code')).toBe('queue_full')
  expect(broker.stats()).toMatchObject({ queues: [{ waiting: 6 }] })
})
