import { expect, test } from 'vitest'
import { createEmbeddedBroker, type EmbeddedBroker } from './mod.ts'
import { openPeer, type Peer, settled, textOf } from './testing.ts'

const destination = '/queue/myapp.x'
const outbound = '/queue/myapp.out'
const t = { transaction: 't' }

/** A peer that was handed a job, which its ACK calls by `id`, and has begun a transaction. */
async function beginWithJob(broker: EmbeddedBroker): Promise<{ peer: Peer; id: string }> {
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 's', destination, ack: 'client-individual' })
  peer.send('SEND', { destination }, 'job')
  const id = (await peer.next()).header('ack')!
  await peer.confirmed('BEGIN', t)
  return { peer, id }
}

test('SEND and ACK take effect together, at COMMIT', async () => {
  await using broker = createEmbeddedBroker()
  const { peer, id } = await beginWithJob(broker)
  await peer.confirmed('SEND', { ...t, destination: outbound }, 'outcome')
  await peer.confirmed('ACK', { ...t, id })
  expect(broker.stats().queues).toMatchObject([{ destination, pending: 1 }])
  await peer.confirmed('COMMIT', t)
  expect(broker.stats().queues).toMatchObject([
    { destination, pending: 0 },
    { destination: outbound, waiting: 1 },
  ])
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', { id: 's', destination: outbound })
  const outcome = await reader.next()
  expect(textOf(outcome)).toBe('outcome')
  expect(outcome.header('transaction')).toBeUndefined()
  await settled()
  expect(broker.stats().bytes).toBe(0)
})

test('ABORT leaves everything as it was', async () => {
  await using broker = createEmbeddedBroker()
  const { peer, id } = await beginWithJob(broker)
  await peer.confirmed('SEND', { ...t, destination: outbound })
  await peer.confirmed('NACK', { ...t, id })
  await peer.confirmed('ABORT', t)
  expect(broker.stats().queues).toMatchObject([{ destination, pending: 1 }])
  await peer.confirmed('ACK', { id })
  expect(broker.stats().bytes).toBe(0)
})

test('a NACK in a transaction hands the message out again at COMMIT', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { id: 's', destination, ack: 'client' })
  for (const body of ['1', '2']) peer.send('SEND', { destination }, body)
  await peer.next()
  const id = (await peer.next()).header('ack')!
  await peer.confirmed('BEGIN', t)
  expect(await peer.confirmed('NACK', { ...t, id })).toEqual([])
  const again = await peer.confirmed('COMMIT', t)
  expect(again.map(frame => [textOf(frame), frame.header('redelivered')])).toEqual([
    ['1', 'true'],
    ['2', 'true'],
  ])
})

test('a connection that goes aborts its transactions', async () => {
  await using broker = createEmbeddedBroker()
  const { peer, id } = await beginWithJob(broker)
  await peer.confirmed('SEND', { ...t, destination: outbound })
  await peer.confirmed('ACK', { ...t, id })
  await peer.confirmed('DISCONNECT')
  await peer.ended
  expect(broker.stats().queues).toMatchObject([{ destination, waiting: 1, pending: 0 }])
})

test('UNSUBSCRIBE leaves the messages that a transaction acknowledges to the transaction', async () => {
  await using broker = createEmbeddedBroker()
  for (const [end, left] of [
    ['COMMIT', 0],
    ['ABORT', 1],
  ] as const) {
    const { peer, id } = await beginWithJob(broker)
    await peer.confirmed('ACK', { ...t, id })
    await peer.confirmed('UNSUBSCRIBE', { id: 's' })
    await peer.confirmed(end, t)
    expect(broker.stats().queues.reduce((sum, queue) => sum + queue.waiting, 0)).toBe(left)
  }
})

test.each([
  [[['COMMIT', t]], /"t" is not open; send BEGIN first/],
  [[['ABORT', t]], /not open/],
  [[['SEND', { ...t, destination }]], /not open/],
  [[['BEGIN', {}]], /no transaction header/],
  [
    [
      ['BEGIN', t],
      ['BEGIN', t],
    ],
    /has begun already/,
  ],
  [
    [
      ['BEGIN', t],
      ['COMMIT', t],
      ['COMMIT', t],
    ],
    /not open/,
  ],
  [
    [
      ['BEGIN', t],
      ['BEGIN', { transaction: 'u' }],
      ['BEGIN', { transaction: 'v' }],
    ],
    /2 transactions are open/,
  ],
  [
    [
      ['BEGIN', t],
      ['SEND', { ...t, destination, a: 'x'.repeat(1800) }],
    ],
    /transactions would hold/,
  ],
  [
    [
      ['BEGIN', t],
      ['SEND', { ...t, destination }],
      ['SEND', { ...t, destination }],
      ['SEND', { ...t, destination }],
    ],
    /2 frames/,
  ],
] as const)('a transaction that breaks a rule is an ERROR, %#', async (frames, message) => {
  await using broker = createEmbeddedBroker({
    limits: { maxTransactions: 2, maxTransactionBytes: 2_000, maxTransactionFrames: 2 },
  })
  const peer = await openPeer(broker)
  for (const [command, headers] of frames) peer.send(command, headers)
  expect((await peer.error()).header('message')).toMatch(message)
  expect(broker.stats()).toMatchObject({ bytes: 0, queues: [] })
})

test('a delivery can be in one transaction only', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  peer.send('SUBSCRIBE', { id: 's', destination, ack: 'client-individual' })
  peer.send('SEND', { destination })
  const id = (await peer.next()).header('ack')!
  for (const transaction of ['t', 'u']) peer.send('BEGIN', { transaction })
  peer.send('ACK', { ...t, id })
  peer.send('ACK', { transaction: 'u', id })
  expect((await peer.error()).header('message')).toMatch(/in a transaction already/)
})

test('open transactions of all connections hold at most half of the room, and others go on', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxTotalBytes: 100_000 } })
  const open = async () => {
    const peer = await openPeer(broker)
    peer.send('BEGIN', t)
    return peer
  }
  const holders = [await open(), await open(), await open()]
  for (const holder of holders) await holder.confirmed('SEND', { ...t, destination }, 'x'.repeat(15_000))
  const late = await open()
  late.send('SEND', { ...t, destination }, 'x'.repeat(15_000))
  const error = await late.error()
  expect(error.header('drover-code')).toBe('queue_full')
  expect(error.header('message')).toMatch(/there would be 6\d{4} bytes in open transactions; the limit is 50000/)
  expect(broker.stats().bytes).toBeLessThan(50_000)
  const sender = await openPeer(broker)
  await sender.confirmed('SEND', { destination: outbound }, 'x'.repeat(40_000))
  // Committed messages were counted already, so a full broker holds no COMMIT back
  for (const holder of holders) await holder.confirmed('COMMIT', t)
  const again = await open()
  again.send('SEND', { ...t, destination }, 'x'.repeat(15_000))
  expect((await again.error()).header('message')).toMatch(/the broker holds 8\d{4} bytes; its limit is 100000/)
})
