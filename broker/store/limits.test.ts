/** Messages on disk have bounds of their own; those of memory are for messages in memory alone. */
import { expect, test } from 'vitest'
import { storedLimits } from '../limits.ts'
import { openPeer, type Peer, sendAll, settled } from '../testing.ts'
import { queue, reading, start } from './testing.ts'

const kiB = 'x'.repeat(1_024)
const other = '/queue/myapp.other'

/** The reason of the refusal; `undefined` when it is let in. */
async function send(peer: Peer, destination: string, headers: Readonly<Record<string, string>> = {}) {
  peer.send('SEND', { destination, receipt: 'r', 'on-full': 'receipt', ...headers }, kiB)
  await settled()
  const receipt = peer.frames.pop()
  return receipt?.header('drover-code') && `${receipt.header('drover-code')}: ${receipt.header('message')}`
}

test('the limits of memory bound nothing that is kept on disk, and messages on disk take nothing of them', async () => {
  const memory = { maxQueueMessages: 4, maxQueueBytes: 8_000, maxTotalBytes: 8_000, maxOwnerBytes: 8_000 }
  const { broker } = start(undefined, { ...memory, maxOwnerQueueMessages: 4, maxOwnerQueueBytes: 8_000 })
  const peer = await openPeer(broker)
  for (let n = 0; n < 20; n++) expect(await send(peer, queue)).toBeUndefined()
  for (let n = 0; n < 9; n++) await peer.confirmed('SEND', { destination: queue, persistent: 'false' }, 'news')
  const [{ dropped, waiting } = { dropped: 0, waiting: 0 }] = broker.stats().queues
  expect([waiting, dropped, broker.stats().storedBytes > 20 * 1_024]).toEqual([23, 6, true])
})

test.for([
  [{ maxStoredBytes: 3_000, maxOwnerStoredBytes: 3_000 }, 'the broker holds 2806 bytes on disk; its limit is 3000'],
  [{ maxOwnerStoredBytes: 3_000 }, "foo has 2806 bytes of messages on disk; one owner's limit is 3000"],
  [{ maxStoredQueueMessages: 2, maxOwnerStoredQueueMessages: 2 }, `${queue} holds 2 messages on disk; its limit is 2`],
  [
    { maxStoredQueueBytes: 3_000, maxOwnerStoredQueueBytes: 3_000 },
    `${queue} holds 2806 bytes on disk and 1403 more do not fit; its limit is 3000`,
  ],
  [{ maxOwnerStoredQueueMessages: 2 }, `foo has 2 messages in ${queue}; one owner's limit is 2`],
] as const)('past %j it is refused, and let in once there is room', async ([limits, why]) => {
  const { broker } = start(undefined, limits)
  const peer = await openPeer(broker)
  for (let n = 0; n < 2; n++) expect(await send(peer, queue)).toBeUndefined()
  const refusal = `queue_full: The message to ${queue} does not fit: ${why}; send it again later`
  expect((await send(peer, queue))?.replaceAll('\\c', ':')).toBe(refusal)
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', { ...reading, ack: 'auto' })
  await settled()
  expect(await send(peer, queue)).toBeUndefined()
})

test('a transaction waits in memory, and takes its place on disk at its COMMIT', async () => {
  const { broker } = start(undefined, { maxOwnerStoredBytes: 3_000 })
  const peer = await openPeer(broker)
  await peer.confirmed('BEGIN', { transaction: 't' })
  await peer.confirmed('SEND', { destination: queue, transaction: 't' }, kiB)
  expect(broker.stats()).toMatchObject({ storedBytes: 0 })
  await peer.confirmed('COMMIT', { transaction: 't' })
  const { bytes, storedBytes } = broker.stats()
  expect([storedBytes > 1_024, bytes]).toEqual([true, storedBytes])
})

test('a sender that waits for room goes on when there is some on disk', async () => {
  const { broker } = start(undefined, { maxStoredQueueMessages: 1, maxOwnerStoredQueueMessages: 1 }, 'wait')
  const sender = await openPeer(broker)
  await sendAll(sender, queue, 'one')
  sender.send('SEND', { destination: queue, receipt: 'two' }, 'two')
  await settled()
  expect(sender.frames).toEqual([])
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', { ...reading, ack: 'auto' })
  expect((await sender.next()).header('receipt-id')).toBe('two')
})

test('of a limit for all, an owner has half, and a queue a quarter', async () => {
  const { broker } = start(undefined, storedLimits(16_000))
  const peer = await openPeer(broker)
  for (const destination of [queue, queue]) expect(await send(peer, destination)).toBeUndefined()
  expect(await send(peer, queue)).toContain('queue_full')
  for (const destination of [other, other]) expect(await send(peer, destination)).toBeUndefined()
  expect(await send(peer, '/queue/myapp.third')).toBeUndefined()
  expect(await send(peer, '/queue/myapp.third')).toContain("foo has 7009 bytes of messages on disk; one owner's limit")
})
