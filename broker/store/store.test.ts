/** A broker with a disk that fails, stands still or loses power at each step. */
import { expect, test } from 'vitest'
import { createEmbeddedBroker, type EmbeddedBroker } from '../broker.ts'
import { ManualClock, openPeer, type Peer, sendAll, settled, take, textOf } from '../testing.ts'
import { FakeDisk, handedOut, queue, reading, restart, start } from './testing.ts'

const receipts = (peer: Peer): (string | undefined)[] =>
  peer.frames.filter(({ command }) => command === 'RECEIPT').map(frame => frame.header('receipt-id'))

test('a RECEIPT comes once its batch is on disk, a reader gets the message before, and many share one write', async () => {
  const { broker, disk } = start()
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', { ...reading, 'prefetch-count': '99' })
  const sender = await openPeer(broker)
  sender.send('SEND', { destination: queue, receipt: 'first' }, 'first')
  disk.standStill()
  await settled()
  for (let n = 0; n < 40; n++) sender.send('SEND', { destination: queue, receipt: `r${n}` }, `${n}`)
  sender.send('SEND', { destination: queue, persistent: 'false', receipt: 'last' }, 'last')
  await settled()
  expect([reader.frames.length, receipts(sender)]).toEqual([42, []])
  disk.goOn()
  await settled()
  expect(receipts(sender)).toEqual(['first', ...Array.from({ length: 40 }, (_, n) => `r${n}`), 'last'])
  expect(disk.writes).toBe(2)
})

test('after a loss of power all that was confirmed is there, in order, and what was handed out is marked', async () => {
  const { broker, disk } = start()
  const sender = await openPeer(broker)
  await sendAll(sender, queue, 'a', 'b', 'c')
  await sender.confirmed('SEND', { destination: queue, priority: '9', 'content-type': 'a:b', note: 'x\ny' }, 'urgent')
  await sender.confirmed('SEND', { destination: queue, persistent: 'false' }, 'gone')
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', { ...reading, 'prefetch-count': '2' })
  const [urgent, a] = await take(reader, 2)
  await reader.confirmed('ACK', { id: a!.header('ack')! })
  expect([textOf(urgent!), textOf(a!), urgent!.header('note')]).toEqual(['urgent', 'a', 'x\\ny'])
  await settled()
  const next = restart(disk)
  expect(next.broker.stats().queues[0]).toMatchObject({ waiting: 3 })
  const peer = await openPeer(next.broker, { version: '1.1' })
  peer.send('SUBSCRIBE', reading)
  const again = await take(peer, 3)
  expect(again.map(frame => [textOf(frame), frame.header('redelivered')])).toEqual([
    ['urgent', 'true'],
    ['b', 'true'],
    ['c', undefined],
  ])
  const [first] = again
  expect(['message-id', 'timestamp', 'priority'].map(name => first!.header(name))).toEqual(
    ['message-id', 'timestamp', 'priority'].map(name => urgent!.header(name)),
  )
  expect(again[0]!.header('content-type')).toBe('a\\cb')
})

test('a COMMIT is on disk whole or not at all, wherever the power is lost', async () => {
  const { broker, disk, clock } = start()
  const worker = await openPeer(broker)
  await sendAll(await openPeer(broker), queue, 'job')
  worker.send('SUBSCRIBE', reading)
  const [job] = await take(worker, 1)
  await worker.confirmed('BEGIN', { transaction: 't' })
  const outcome = { destination: '/queue/myapp.reply', transaction: 't' }
  await worker.confirmed('SEND', outcome, 'outcome')
  await worker.confirmed('ACK', { id: job!.header('ack')!, transaction: 't' })
  clock.advance(20)
  await settled()
  expect(await handedOut(restart(disk).broker)).toEqual([['job', true]])
  disk.standStill()
  worker.send('COMMIT', { transaction: 't', receipt: 'committed' })
  await settled()
  const during = restart(disk)
  expect(await handedOut(during.broker)).toEqual([['job', true]])
  expect(await handedOut(during.broker, '/queue/myapp.reply')).toEqual([])
  disk.goOn()
  await settled()
  expect(receipts(worker)).toContain('committed')
  const after = restart(disk)
  expect(await handedOut(after.broker)).toEqual([])
  expect(await handedOut(after.broker, '/queue/myapp.reply')).toEqual([['outcome', false]])
})

test('a full disk refuses senders by name and loses nothing that was confirmed; with room it goes on by itself', async () => {
  const { broker, disk, clock, events } = start()
  const sender = await openPeer(broker)
  await sendAll(sender, queue, 'kept')
  disk.failure = new Error('database or disk is full')
  sender.send('SEND', { destination: queue, receipt: 'r', 'on-full': 'receipt' }, 'under way')
  await settled()
  const refused = sender.frames.shift()
  expect([refused?.command, refused?.header('drover-code')]).toEqual(['RECEIPT', 'store_failed'])
  expect(refused?.header('message')).toContain('cannot keep messages now\\c database or disk is full')
  sender.send('SEND', { destination: queue, receipt: 'r2', 'on-full': 'receipt' }, 'refused at once')
  await settled()
  expect(sender.frames.shift()?.header('drover-code')).toBe('store_failed')
  await sender.confirmed('SEND', { destination: queue, persistent: 'false' }, 'passes')
  expect(broker.stats().queues[0]).toMatchObject({ waiting: 3 })
  const other = await openPeer(broker)
  other.send('SEND', { destination: queue }, 'refused')
  expect((await other.error()).header('drover-code')).toBe('store_failed')
  expect(await handedOut(restart(disk).broker)).toEqual([['kept', false]])
  disk.failure = undefined
  clock.advance(1_000)
  await settled()
  expect(events.map(({ type }) => type).filter(type => type.startsWith('store'))).toEqual([
    'store_failed',
    'store_recovered',
  ])
  await sendAll(sender, queue, 'later')
  expect(await handedOut(restart(disk).broker)).toEqual([
    ['kept', false],
    ['under way', false],
    ['later', false],
  ])
})

test('a message that is acknowledged after a write of which nobody knows whether it failed does not come back', async () => {
  const { broker, disk, clock } = start()
  const sender = await openPeer(broker)
  disk.failure = new Error('disk I/O error')
  disk.isThereAnyway = true
  sender.send('SEND', { destination: queue, receipt: 'r', 'on-full': 'receipt' }, 'job')
  await settled()
  expect(disk.rows.size).toBe(1)
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', reading)
  const [job] = await take(reader, 1)
  reader.send('ACK', { id: job!.header('ack')! })
  await settled()
  disk.failure = undefined
  clock.advance(1_000)
  await settled()
  expect(disk.rows.size).toBe(0)
})

test('delays, durable subscriptions and their messages outlive the process; what expired meanwhile does not', async () => {
  const { broker, disk, clock } = start()
  const login = { headers: { 'client-id': 'c' } }
  const durable = { id: 'd', destination: '/topic/myapp.events.t', durable: 'true', ack: 'client' }
  const reader = await openPeer(broker, login)
  await reader.confirmed('SUBSCRIBE', durable)
  reader.send('DISCONNECT')
  const sender = await openPeer(broker)
  await sendAll(sender, durable.destination, 'told')
  await sender.confirmed('SEND', { destination: queue, AMQ_SCHEDULED_DELAY: '500' }, 'delayed')
  await sender.confirmed('SEND', { destination: durable.destination, AMQ_SCHEDULED_DELAY: '500' }, 'told late')
  await sender.confirmed('SEND', { destination: queue, expires: String(clock.now() + 10) }, 'expired')
  const later = disk.afterPowerLoss()
  const next = new ManualClock()
  next.advance(100)
  const second = createEmbeddedBroker({ store: later, clock: next })
  expect([second.stats().delayed, second.stats().durables]).toEqual([2, 1])
  const back = await openPeer(second, login)
  back.send('SUBSCRIBE', durable)
  expect(textOf(await back.next())).toBe('told')
  expect(await handedOut(second)).toEqual([])
  next.advance(399)
  expect(await handedOut(second)).toEqual([])
  next.advance(1)
  expect(textOf(await back.next())).toBe('told late')
  expect(await handedOut(second)).toEqual([])
  expect(second.stats().queues.find(({ destination }) => destination === queue)).toMatchObject({ pending: 1 })
})

test('beyond its window the bytes of messages are read again when they are handed out', async () => {
  const disk = new FakeDisk()
  const { broker } = start(disk)
  const sender = await openPeer(broker)
  const body = 'x'.repeat(1_048_576)
  for (let n = 0; n < 20; n++) await sender.confirmed('SEND', { destination: queue }, `${n} ${body}`)
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', { ...reading, 'prefetch-count': '99' })
  const all = await take(reader, 20)
  expect(all.map(frame => textOf(frame).split(' ')[0])).toEqual(Array.from({ length: 20 }, (_, n) => String(n)))
  expect(disk.reads).toBeGreaterThan(2)
  expect(disk.reads).toBeLessThan(8)
})

test('a restart has the same drover-run, for masters send again after another', async () => {
  const { disk } = start()
  const runOf = async (broker: EmbeddedBroker) => {
    const peer = await openPeer(broker, { isSilent: true })
    peer.send('CONNECT', { 'accept-version': '1.2', login: 'foo', passcode: 'bar' })
    return (await peer.next()).header('drover-run')
  }
  expect(await runOf(restart(disk).broker)).toBe('kept')
  expect(await runOf(createEmbeddedBroker())).not.toBe(await runOf(createEmbeddedBroker()))
})

test('at its end the broker tries once more to keep the changes that its disk did not take', async () => {
  const { broker, disk } = start()
  const sender = await openPeer(broker)
  await sendAll(sender, queue, 'done')
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', reading)
  const [message] = await take(reader, 1)
  disk.failure = new Error('database or disk is full')
  sender.send('SEND', { destination: queue, receipt: 'r', 'on-full': 'receipt' }, 'refused')
  await settled()
  reader.send('ACK', { id: message!.header('ack')! })
  disk.failure = undefined
  await broker.close()
  expect([...disk.rows.values()].map(({ sequence }) => sequence)).toEqual([1])
})

test('a broker whose disk fails ends all the same', async () => {
  const { broker, disk } = start()
  const sender = await openPeer(broker)
  disk.failure = new Error('disk I/O error')
  sender.send('SEND', { destination: queue }, 'lost, and confirmed to nobody')
  await broker.close()
  expect([disk.rows.size, (await sender.ended) === undefined]).toEqual([0, true])
})

test('a reply goes to no connection that is still owed a RECEIPT of before it, and to others at once', async () => {
  const { broker, disk } = start()
  const [master, worker, other] = [await openPeer(broker), await openPeer(broker), await openPeer(broker)]
  const [mine, theirs] = ['/queue/myapp.reply.foo.m', '/queue/myapp.reply.foo.o']
  await master.confirmed('SUBSCRIBE', { ...reading, destination: mine })
  await other.confirmed('SUBSCRIBE', { ...reading, destination: theirs })
  await worker.confirmed('SUBSCRIBE', reading)
  disk.standStill()
  master.send('SEND', { destination: queue, receipt: 'job' }, 'job')
  await settled()
  expect((await take(worker, 1)).map(textOf)).toEqual(['job'])
  for (const destination of [mine, theirs]) worker.send('SEND', { destination, persistent: 'false' }, 'accepted')
  await settled()
  expect([other.frames.map(textOf), master.frames.length]).toEqual([['accepted'], 0])
  // Nor does one wait for those that it is owed of later
  disk.goOn()
  disk.standStill()
  master.send('SEND', { destination: queue, receipt: 'later' }, 'later')
  await settled()
  expect(master.frames.map(frame => frame.header('receipt-id') ?? textOf(frame))).toEqual(['job', 'accepted'])
  disk.goOn()
})

test('a reply that waited goes on when its reader is refused the RECEIPT', async () => {
  const { broker, disk } = start()
  const [master, worker] = [await openPeer(broker), await openPeer(broker)]
  await master.confirmed('SUBSCRIBE', { ...reading, destination: '/queue/myapp.reply' })
  await worker.confirmed('SUBSCRIBE', reading)
  disk.standStill()
  disk.failure = new Error('disk I/O error')
  master.send('SEND', { destination: queue, receipt: 'job', 'on-full': 'receipt' }, 'job')
  await settled()
  worker.send('SEND', { destination: '/queue/myapp.reply', persistent: 'false' }, 'accepted')
  await settled()
  expect(master.frames).toEqual([])
  disk.goOn()
  await settled()
  expect(master.frames.map(frame => frame.header('drover-code') ?? textOf(frame))).toEqual(['store_failed', 'accepted'])
})
