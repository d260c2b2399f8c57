/** Where nobody reads, workers go on ending jobs: small ends find room in a reserve, large ones are refused without an ERROR. */
import { expect, test } from 'vitest'
import { saysNoRoom } from '../shared/stomp/mod.ts'
import { payerOf } from './ends.ts'
import { createEmbeddedBroker, type EmbeddedBroker } from './mod.ts'
import { openPeer, type Peer, take } from './testing.ts'

const replies = '/queue/myapp.reply.eve.m1'
const told = { 'on-full': 'receipt', persistent: 'true' }
const limits = { maxQueueBytes: 32_000 }

const held = (broker: EmbeddedBroker, destination: string) =>
  broker.stats().queues.find(queue => queue.destination === destination)

/** The RECEIPT of a frame, as text. */
async function answer(peer: Peer, command: string, headers: Record<string, string>, body = '') {
  peer.send(command, { ...headers, receipt: 'asked' }, body)
  const frame = await peer.next()
  expect(frame.command).toBe('RECEIPT')
  expect(frame.header('receipt-id')).toBe('asked')
  return { code: frame.header('drover-code'), message: frame.header('message') }
}

test.each(['/queue/myapp.reply', replies, '/queue/my.app.reply.eve.m1', '/queue/myapp.dead'])(
  'small ends fill the reserve of %s, then they are confirmed, dropped and counted; a large one is refused',
  async destination => {
    const counts: number[] = []
    await using broker = createEmbeddedBroker({
      limits,
      onEvent: event => void (event.type === 'end_dropped' && counts.push(event.count)),
      users: [{ login: 'foo', passcode: 'bar', allow: ['myapp.>', 'my.>'] }],
    })
    const worker = await openPeer(broker)
    for (let at = 0; at < 60; at++) await worker.confirmed('SEND', { destination }, 'x'.repeat(1_000))
    const { bytes = 0, dropped = 0 } = held(broker, destination) ?? {}
    expect(bytes).toBeGreaterThan(31_000)
    expect(bytes).toBeLessThanOrEqual(34_000)
    expect(dropped).toBeGreaterThan(20)
    expect(broker.stats().dropped).toBe(dropped)
    expect(counts).toEqual([1, 2, 4, 8, 16, 32])
    worker.send('SEND', { destination }, 'x'.repeat(5_000))
    expect((await worker.error()).header('drover-code')).toBe('queue_full')
  },
)

test.each(['/queue/myapp.tasks.a', '/queue/myapp.tasks.a.reply.eve.m1', '/queue/myapp.tasks.x.dead'])(
  'no job of %s is dropped: it is refused',
  async destination => {
    await using broker = createEmbeddedBroker({ limits })
    const peer = await openPeer(broker)
    for (;;) {
      peer.send('SEND', { destination, receipt: 'r' }, 'x'.repeat(1_000))
      const frame = await peer.next()
      if (frame.command === 'RECEIPT') continue
      expect(frame.header('drover-code')).toBe('queue_full')
      break
    }
    expect(held(broker, destination)).toMatchObject({ dropped: 0 })
    expect(held(broker, destination)!.bytes).toBeLessThanOrEqual(32_000)
  },
)

test('on-full:receipt has a SEND refused by its RECEIPT, alone and in a transaction, and the session goes on', async () => {
  await using broker = createEmbeddedBroker({ limits })
  for (const version of ['1.2', '1.1', '1.0'] as const) {
    const destination = `${replies}${version.replace('.', '')}`
    const worker = await openPeer(broker, { version })
    const send = (more = {}) => answer(worker, 'SEND', { destination, ...told, ...more }, 'x'.repeat(10_000))
    for (let at = 0; at < 2; at++) expect(await send()).toEqual({ code: undefined, message: undefined })
    worker.send('BEGIN', { transaction: 't' })
    expect(await send({ transaction: 't' })).toMatchObject({ code: undefined })
    // That one has its place, though it is not there yet
    expect(await send()).toMatchObject({ code: 'queue_full', message: expect.stringContaining(destination) })
    worker.send('BEGIN', { transaction: 'u' })
    expect(await send({ transaction: 'u' })).toMatchObject({ code: 'queue_full' })
    await worker.confirmed('ABORT', { transaction: 'u' })
    await worker.confirmed('COMMIT', { transaction: 't' })
    expect(held(broker, destination)).toMatchObject({ waiting: 3 })
    // Room that was promised and aborted is free again
    const reader = await openPeer(broker, { version })
    reader.send('SUBSCRIBE', { id: 's', destination })
    await take(reader, 3)
    expect(reader.frames.every(frame => frame.header('on-full') === undefined)).toBe(true)
    for (let at = 0; at < 4; at++) {
      worker.send('BEGIN', { transaction: 'v' })
      expect(await send({ transaction: 'v' })).toMatchObject({ code: undefined })
      await worker.confirmed('ABORT', { transaction: 'v' })
    }
  }
})

test('bounds of open transactions refuse quietly too, in words that have an outcome wait, and keep no small end out', async () => {
  await using broker = createEmbeddedBroker({
    limits: { maxTransactionBytes: 20_000, maxOwnerTransactionBytes: 35_000 },
  })
  const refusals: (string | undefined)[] = []
  const peers = [await openPeer(broker), await openPeer(broker), await openPeer(broker)]
  for (const peer of peers) {
    const headers = { destination: replies, transaction: 't', ...told }
    peer.send('BEGIN', { transaction: 't' })
    refusals.push((await answer(peer, 'SEND', headers, 'x'.repeat(15_000))).message)
  }
  const { message } = await answer(
    peers[0]!,
    'SEND',
    { destination: replies, transaction: 't', ...told },
    'x'.repeat(9_000),
  )
  expect(refusals.map(refusal => refusal !== undefined)).toEqual([false, false, true])
  for (const refusal of [message, refusals[2]]) expect(saysNoRoom(refusal ?? '')).toBe(true)
  for (const peer of peers) {
    for (let at = 0; at < 3; at++)
      await peer.confirmed('SEND', { destination: replies, transaction: 't' }, 'x'.repeat(3_000))
    await peer.confirmed('COMMIT', { transaction: 't' })
  }
  expect(held(broker, replies)).toMatchObject({ waiting: 11, dropped: 0 })
  expect(broker.stats().transactions).toBe(0)
})

test('a job that is published again with its ACK has its place in a full queue, and in a full share', async () => {
  for (const limits of [
    { maxQueueMessages: 16 },
    { maxOwnerQueueMessages: 16 },
    { maxQueueBytes: 18_000 },
    { maxOwnerBytes: 18_000 },
  ]) {
    await using broker = createEmbeddedBroker({ limits })
    const destination = '/queue/myapp.tasks.a'
    const worker = await openPeer(broker)
    for (let at = 0; at < 16; at++) await worker.confirmed('SEND', { destination }, 'x'.repeat(700))
    const full = await openPeer(broker)
    full.send('SEND', { destination }, 'x'.repeat(700))
    expect((await full.error()).header('drover-code')).toBe('queue_full')
    worker.send('SUBSCRIBE', { id: 's', destination, ack: 'client-individual', 'prefetch-count': '1' })
    for (let attempt = 2; attempt < 8; attempt++) {
      const job = (await take(worker, 1))[0]!
      worker.send('BEGIN', { transaction: 't' })
      worker.send('SEND', { destination, transaction: 't' }, `${'x'.repeat(700)}, attempt: ${attempt}`)
      worker.send('ACK', { id: job.header('ack')!, transaction: 't' })
      worker.send('COMMIT', { transaction: 't', receipt: 'r' })
      const rest = await take(worker, 2)
      expect(rest.map(({ command }) => command).toSorted(), JSON.stringify(limits)).toEqual(['MESSAGE', 'RECEIPT'])
      worker.frames.push(rest.find(({ command }) => command === 'MESSAGE')!)
    }
    expect(held(broker, destination)).toMatchObject({ waiting: 15, pending: 1 })
  }
})

test.each([
  ['/queue/myapp.reply.eve.m1', 'eve'],
  ['/queue/a.b-c.d_e.reply.eve.M_1', 'eve'],
  ['/queue/reply.reply.eve.m1', 'eve'],
  ['/queue/myapp.reply', 'rex'],
  ['/queue/myapp.tasks.a.reply.eve.m1', 'rex'],
  ['/queue/my.tasks.reply.eve.m1', 'rex'],
  ['/topic/myapp.reply.eve.m1', 'rex'],
  ['/queue/myapp.dead', 'rex'],
])('a message of rex to %s is in the share of %s', (route, payer) => {
  expect(payerOf(route, 'rex')).toBe(payer)
})

test('replies are in the share of the owner in their name, also where no bridge says whose job it was', async () => {
  await using broker = createEmbeddedBroker({ limits: { maxOwnerBytes: 30_000 } })
  const worker = await openPeer(broker)
  for (const master of ['m1', 'm2', 'm3']) {
    const headers = { destination: `/queue/myapp.reply.eve.${master}`, ...told }
    const { code } = await answer(worker, 'SEND', headers, 'x'.repeat(12_000))
    expect(code).toBe(master === 'm3' ? 'queue_full' : undefined)
  }
  for (const destination of ['/queue/myapp.reply.ada.m1', '/queue/myapp.tasks.a']) {
    expect(await answer(worker, 'SEND', { destination }, 'x'.repeat(12_000))).toMatchObject({ code: undefined })
  }
})
