/** In whose share the queues of replies are. A worker is not to pay for the place where an answer was asked for. */
import { expect, test } from 'vitest'
import type { BrokerEvent } from './broker.ts'
import { createEmbeddedBroker } from './mod.ts'
import { openPeer } from './testing.ts'

const reply = (owner: string, master: number): string => `/queue/myapp.reply.${owner}.m${master}`

test('reply queues are in the share of the owner in their name, and past it replies are dropped and told', async () => {
  const events: BrokerEvent[] = []
  await using broker = createEmbeddedBroker({
    limits: { maxQueues: 8, maxOwnerQueues: 2 },
    onEvent: event => void events.push(event),
  })
  const worker = await openPeer(broker)
  for (const master of [1, 2, 3]) await worker.confirmed('SEND', { destination: reply('eve', master) }, 'outcome')
  await worker.confirmed('BEGIN', { transaction: 't' })
  for (const destination of [reply('eve', 4), reply('ada', 1), '/queue/myapp.dead']) {
    await worker.confirmed('SEND', { destination, transaction: 't' }, 'outcome')
  }
  await worker.confirmed('COMMIT', { transaction: 't' })
  // One of them fits and the other does not
  await worker.confirmed('BEGIN', { transaction: 't' })
  for (const master of [2, 3])
    await worker.confirmed('SEND', { destination: reply('ada', master), transaction: 't' }, 'outcome')
  await worker.confirmed('COMMIT', { transaction: 't' })
  const made = [reply('eve', 1), reply('eve', 2), reply('ada', 1), '/queue/myapp.dead', reply('ada', 2)]
  expect(
    broker
      .stats()
      .queues.map(({ destination }) => destination)
      .toSorted(),
  ).toEqual(made.toSorted())
  const dropped = events.flatMap(event => (event.type === 'reply_dropped' ? [event.destination] : []))
  expect(dropped).toEqual([reply('eve', 3), reply('eve', 4), reply('ada', 3)])
  // A message in the sender's own share is refused as before
  await worker.confirmed('SEND', { destination: '/queue/myapp.a' }, 'job')
  worker.send('SEND', { destination: '/queue/myapp.b' }, 'job')
  expect((await worker.next()).header('drover-code')).toBe('queue_full')
})

test('of the replies of one transaction those are dropped whose queues would be too many in all; jobs are refused', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxQueues: 3, maxOwnerQueues: 2 } })
  const worker = await openPeer(broker)
  await worker.confirmed('SEND', { destination: reply('ada', 1) }, 'outcome')
  await worker.confirmed('BEGIN', { transaction: 't' })
  for (const owner of ['eve', 'bob', 'ann']) {
    await worker.confirmed('SEND', { destination: reply(owner, 1), transaction: 't' }, 'outcome')
  }
  await worker.confirmed('COMMIT', { transaction: 't' })
  expect(broker.stats().queues).toHaveLength(3)
  expect(broker.stats().dropped).toBe(1)
  worker.send('SEND', { destination: '/queue/myapp.tasks.a' }, 'job')
  expect((await worker.next()).header('drover-code')).toBe('queue_full')
})

test('the last queue that an owner may have takes every small reply of a COMMIT, not the first alone', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxOwnerQueues: 1 } })
  const worker = await openPeer(broker)
  worker.send('BEGIN', { transaction: 't' })
  for (let at = 0; at < 3; at++)
    await worker.confirmed('SEND', { destination: reply('foo', 1), transaction: 't' }, 'outcome')
  await worker.confirmed('COMMIT', { transaction: 't' })
  expect(broker.stats()).toMatchObject({ queues: [{ destination: reply('foo', 1), waiting: 3 }], dropped: 0 })
})

test('of the replies of one COMMIT to the sender’s own masters those past its share of queues are dropped', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxOwnerQueues: 2 } })
  const worker = await openPeer(broker)
  await worker.confirmed('BEGIN', { transaction: 't' })
  for (const master of [1, 2, 3])
    await worker.confirmed('SEND', { destination: reply('foo', master), transaction: 't' }, 'outcome')
  await worker.confirmed('COMMIT', { transaction: 't' })
  expect(broker.stats().queues).toHaveLength(2)
  expect(broker.stats().dropped).toBe(1)
})
