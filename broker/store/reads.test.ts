/** Messages that the disk cannot read for a while: their queue waits, is told of, and goes on by itself. */
import { expect, test } from 'vitest'
import { openPeer, sendAll, settled, take, textOf } from '../testing.ts'
import { queue, reading, restart, type Started, start } from './testing.ts'

/** A broker whose messages are on disk alone, which cannot read. */
async function unreadable(headers: Readonly<Record<string, string>> = {}): Promise<Started> {
  const first = start()
  const sender = await openPeer(first.broker)
  await sender.confirmed('SEND', { destination: queue, ...headers }, 'first')
  await sender.confirmed('SEND', { destination: queue }, 'second')
  const next = restart(first.disk)
  next.disk.readFailure = new Error('disk I/O error')
  return next
}

const told = ({ events }: Started): string[] => events.map(({ type }) => type).filter(type => type.startsWith('store'))

test('a queue goes on by itself once its message can be read, with readers that acknowledge nothing', async () => {
  const world = await unreadable()
  const { broker, disk, clock } = world
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', { ...reading, 'prefetch-count': '9' })
  await settled()
  for (let n = 0; n < 3; n++) {
    clock.advance(1_000)
    await settled()
  }
  expect([reader.frames.length, told(world)]).toEqual([0, ['store_failed']])
  expect(world.events.find(({ type }) => type === 'store_failed')).toMatchObject({
    message: `The broker cannot read a message of ${queue} now: disk I/O error`,
  })
  disk.readFailure = undefined
  clock.advance(1_000)
  expect((await take(reader, 2)).map(textOf)).toEqual(['first', 'second'])
  expect(told(world)).toEqual(['store_failed', 'store_recovered'])
})

test('meanwhile its senders are refused by name, those of other queues are not, and nothing overtakes it', async () => {
  const { broker } = await unreadable()
  const reader = await openPeer(broker)
  await reader.confirmed('SUBSCRIBE', reading)
  const sender = await openPeer(broker)
  await sendAll(sender, '/queue/myapp.other', 'kept')
  sender.send('SEND', { destination: queue, receipt: 'r', 'on-full': 'receipt' }, 'third')
  await settled()
  expect(sender.frames.at(-1)?.header('drover-code')).toBe('store_failed')
  await sender.confirmed('SEND', { destination: queue, persistent: 'false', priority: '0' }, 'behind')
  expect(reader.frames).toEqual([])
})

test('a message that expires before it can be read is gone, and its queue goes on', async () => {
  const clockNow = start().clock.now()
  const world = await unreadable({ expires: String(clockNow + 2_500) })
  const { broker, disk, clock } = world
  const reader = await openPeer(broker)
  reader.send('SUBSCRIBE', { ...reading, 'prefetch-count': '9' })
  await settled()
  expect(told(world)).toEqual(['store_failed'])
  clock.advance(3_000)
  await settled()
  disk.readFailure = undefined
  clock.advance(1_000)
  expect(textOf(await reader.next())).toBe('second')
  expect(told(world).at(-1)).toBe('store_recovered')
})
