/** Changes that come while a batch is written or cannot be, and places and marks in the next process. */
import { expect, test } from 'vitest'
import { openPeer, sendAll, settled, take, textOf } from '../testing.ts'
import { handedOut, queue, reading, restart, start } from './testing.ts'

test('changes that come while a write fails are refused with it, and go with the next, a second later', async () => {
  const { broker, disk, clock } = start()
  const sender = await openPeer(broker)
  await sendAll(sender, queue, 'kept')
  disk.standStill()
  disk.failure = new Error('disk I/O error')
  sender.send('SEND', { destination: queue, receipt: 'r', 'on-full': 'receipt' }, 'under way')
  await settled()
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', { ...reading, 'prefetch-count': '9' })
  expect((await take(reader, 2)).map(textOf)).toEqual(['kept', 'under way'])
  const durable = await openPeer(broker, { headers: { 'client-id': 'c' } })
  durable.send('SUBSCRIBE', { id: 'd', destination: '/topic/myapp.events.t', durable: 'true', ack: 'client' })
  await settled()
  disk.goOn()
  expect((await durable.error()).header('drover-code')).toBe('store_failed')
  disk.failure = undefined
  const { writes } = disk
  clock.advance(999)
  await settled()
  expect(disk.writes).toBe(writes)
  clock.advance(1)
  await settled()
  const next = restart(disk).broker
  expect(await handedOut(next)).toEqual([
    ['kept', true],
    ['under way', true],
  ])
  expect(next.stats().durables).toBe(1)
})

test('a change that nobody waits for is written after a write that takes long', async () => {
  const { broker, disk, clock } = start()
  const sender = await openPeer(broker)
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', reading)
  await sendAll(sender, queue, 'done')
  const [done] = await take(reader, 1)
  disk.standStill()
  sender.send('SEND', { destination: queue, receipt: 'r' }, 'waits')
  await settled()
  reader.send('ACK', { id: done!.header('ack')! })
  await settled()
  clock.advance(1_000)
  disk.goOn()
  await settled()
  clock.advance(20)
  await settled()
  expect((await handedOut(restart(disk).broker)).map(([body]) => body)).toEqual(['waits'])
})

test('a message that is handed out before its batch begins is marked', async () => {
  const { broker, disk } = start()
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', reading)
  await sendAll(await openPeer(broker), queue, 'job')
  expect(await handedOut(restart(disk).broker)).toEqual([['job', true]])
})

test('a COMMIT that cannot be kept has done nothing', async () => {
  const { broker, disk } = start()
  const sender = await openPeer(broker)
  await sender.confirmed('BEGIN', { transaction: 't' })
  await sender.confirmed('SEND', { destination: queue, transaction: 't' }, 'outcome')
  disk.failure = new Error('disk I/O error')
  const other = await openPeer(broker)
  other.send('SEND', { destination: '/queue/myapp.other', receipt: 'r' }, 'finds the fault')
  await other.error()
  sender.send('COMMIT', { transaction: 't', receipt: 'r' })
  expect((await sender.error()).header('drover-code')).toBe('store_failed')
  expect(await handedOut(broker)).toEqual([])
})

test('messages that are done with make room in memory for others', async () => {
  const { broker, disk } = start()
  const sender = await openPeer(broker)
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', { ...reading, ack: 'auto' })
  const body = 'x'.repeat(1_048_576)
  for (let n = 0; n < 20; n++) await sendAll(sender, queue, body)
  await take(reader, 20)
  await sendAll(sender, '/queue/myapp.other', 'a', 'b')
  expect((await handedOut(broker, '/queue/myapp.other')).length).toBeGreaterThan(0)
  expect(disk.reads).toBe(0)
})

test('a message that came back is where it came back to, marked where its reader went away with it', async () => {
  const { broker, disk, clock } = start()
  await sendAll(await openPeer(broker), queue, 'refused', 'let go')
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', reading)
  const [refused] = await take(reader, 1)
  reader.send('NACK', { id: refused!.header('ack')! })
  await take(reader, 1)
  await reader.confirmed('UNSUBSCRIBE', { id: reading.id })
  clock.advance(20)
  await settled()
  expect(await handedOut(restart(disk).broker)).toEqual([
    ['let go', false],
    ['refused', true],
  ])
})

test('new messages go behind those of an earlier process, also in a third, and have other ids', async () => {
  const { broker, disk } = start()
  await sendAll(await openPeer(broker), queue, 'a', 'b', 'c')
  const second = restart(disk)
  await sendAll(await openPeer(second.broker), queue, 'd')
  const reader = await openPeer(restart(second.disk).broker)
  reader.send('SUBSCRIBE', { ...reading, 'prefetch-count': '9' })
  const all = await take(reader, 4)
  expect(all.map(textOf)).toEqual(['a', 'b', 'c', 'd'])
  expect(new Set(all.map(frame => frame.header('message-id'))).size).toBe(4)
})

test('nothing of a temporary queue is kept', async () => {
  const { broker, disk } = start()
  const peer = await openPeer(broker)
  const temporary = { destination: '/temp-queue/answers' }
  await peer.confirmed('SUBSCRIBE', { ...reading, ...temporary })
  await peer.confirmed('SEND', temporary, 'answer')
  expect([disk.writes, disk.rows.size]).toEqual([0, 0])
})

test('a durable subscription that was dropped says so in the next process; one that was ended is none', async () => {
  const { broker, disk } = start(undefined, { maxStoredQueueMessages: 1 })
  const login = { headers: { 'client-id': 'c' } }
  const [dropped, ended] = ['dropped', 'ended'].map(name => ({
    id: name,
    destination: `/topic/myapp.events.${name}`,
    durable: 'true',
    ack: 'client',
  }))
  const reader = await openPeer(broker, login)
  await reader.confirmed('SUBSCRIBE', dropped)
  await reader.confirmed('SUBSCRIBE', ended)
  await reader.confirmed('UNSUBSCRIBE', { id: 'ended', durable: 'true' })
  reader.send('DISCONNECT')
  await reader.ended
  await sendAll(await openPeer(broker), dropped!.destination, 'one', 'one too many')
  const next = restart(disk).broker
  expect(next.stats().durables).toBe(1)
  await sendAll(await openPeer(next), dropped!.destination, 'later')
  const back = await openPeer(next, login)
  back.send('SUBSCRIBE', dropped!)
  expect((await back.error()).header('message')).toContain('its limit is 1')
})

test('a topic message whose delay is over while its bytes cannot be read is told a second later; then nothing is kept', async () => {
  const first = start()
  const sender = await openPeer(first.broker)
  const topic = '/topic/myapp.events.t'
  await sender.confirmed('SEND', { destination: topic, AMQ_SCHEDULED_DELAY: '500' }, 'told')
  const expires = String(first.clock.now() + 100)
  await sender.confirmed('SEND', { destination: queue, AMQ_SCHEDULED_DELAY: '500', expires }, 'too late')
  const { broker, disk, clock } = restart(first.disk)
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', { id: 't', destination: topic })
  disk.failure = new Error('disk I/O error')
  clock.advance(500)
  await settled()
  expect([reader.frames.length, broker.stats().delayed, disk.rows.size]).toEqual([0, 2, 2])
  disk.failure = undefined
  clock.advance(1_000)
  expect(textOf(await reader.next())).toBe('told')
  clock.advance(1_000)
  await settled()
  expect([broker.stats().delayed, broker.stats().bytes, disk.rows.size]).toEqual([0, 0, 0])
})

test('a message of an earlier process that nobody reads is gone when it has expired', async () => {
  const first = start()
  const expires = String(first.clock.now() + 5_000)
  await (await openPeer(first.broker)).confirmed('SEND', { destination: queue, expires }, 'too late')
  const { broker, disk, clock } = restart(first.disk)
  clock.advance(5_000)
  clock.advance(1_000)
  await settled()
  expect([broker.stats().bytes, disk.rows.size]).toEqual([0, 0])
})

test('a message of an earlier process uses the share of the user whom it concerned', async () => {
  const limits = { maxOwnerStoredBytes: 2_000 }
  const { broker, disk } = start(undefined, limits)
  const job = { destination: queue, 'drover-sender': 'ada' }
  await (await openPeer(broker)).confirmed('SEND', job, 'x'.repeat(1_000))
  const next = start(disk.afterPowerLoss(), limits).broker
  const sender = await openPeer(next)
  await sender.confirmed('SEND', { destination: queue }, 'x'.repeat(1_000))
  sender.send('SEND', { ...job, receipt: 'r' }, 'x'.repeat(1_000))
  expect((await sender.error()).header('message')).toContain('ada has ')
})

test('of a topic each durable subscription lets go of bytes of its own', async () => {
  const { broker, disk } = start()
  const destination = '/topic/myapp.events.t'
  const readers = await Promise.all(['c', 'd'].map(id => openPeer(broker, { headers: { 'client-id': id } })))
  const durable = { id: 's', destination, durable: 'true', ack: 'client-individual', 'prefetch-count': '1' }
  for (const reader of readers) await reader.confirmed('SUBSCRIBE', durable)
  const sender = await openPeer(broker)
  for (let n = 0; n < 28; n++) await sendAll(sender, destination, 'x'.repeat(1_048_576))
  for (const reader of readers) await reader.confirmed('UNSUBSCRIBE', durable)
  expect([broker.stats().bytes, disk.rows.size]).toEqual([0, 0])
  const { reads } = disk
  await sendAll(sender, queue, 'a', 'b')
  await handedOut(broker)
  expect(disk.reads).toBe(reads)
})

test('delayed messages that the disk alone has and cannot read come when it can, and use no room afterwards', async () => {
  const first = start()
  const sender = await openPeer(first.broker)
  for (const [body, delay] of [
    ['third', 300],
    ['first', 100],
    ['second', 200],
  ] as const)
    await sender.confirmed(
      'SEND',
      { destination: queue, AMQ_SCHEDULED_DELAY: `${delay}`, 'drover-sender': 'ada' },
      body,
    )
  const expires = String(first.clock.now() + 150)
  await sender.confirmed('SEND', { destination: queue, AMQ_SCHEDULED_DELAY: '200', expires }, 'too late')
  const { broker, disk, clock } = restart(first.disk)
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', { ...reading, ack: 'auto' })
  expect(broker.stats()).toMatchObject({ delayed: 4 })
  disk.readFailure = new Error('disk I/O error')
  clock.advance(100)
  await settled()
  expect([reader.frames.length, broker.stats().delayed]).toEqual([0, 4])
  disk.readFailure = undefined
  clock.advance(1_000)
  await settled()
  clock.advance(1_000)
  await settled()
  expect(reader.frames.map(textOf).sort()).toEqual(['first', 'second', 'third'])
  expect([broker.stats().bytes, broker.stats().delayed, disk.rows.size]).toEqual([0, 0, 0])
})

test('delayed messages come in order from the disk', async () => {
  const first = start()
  const sender = await openPeer(first.broker)
  for (const delay of [300, 100, 200])
    await sender.confirmed('SEND', { destination: queue, AMQ_SCHEDULED_DELAY: `${delay}` }, `${delay}`)
  const { broker, clock } = restart(first.disk)
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', { ...reading, ack: 'auto' })
  for (const _ of [1, 2, 3]) {
    clock.advance(100)
    await settled()
  }
  expect(reader.frames.map(textOf)).toEqual(['100', '200', '300'])
})
