/** The bridge's own reading of presence: when it begins and ends, and when SUBSCRIBEs go on to the broker instead. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { joinBytes } from '../../shared/bytes.ts'
import { encodeFrame } from '../../shared/frames/mod.ts'
import { defaultLimits } from '../limits.ts'
import { beat, destination, setUp } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('many pages are one subscription at the broker, which ends a while after the last of them', async () => {
  const { presence, join, commands, frames, say } = setUp()
  const pages = await Promise.all([join(), join(), join()])
  expect(pages.map(({ isTold, told }) => [isTold, told.length, told[1]])).toEqual(pages.map(() => [true, 2, 'begun']))
  expect(pages[0]?.told[0]).toContain('"snapshot":true,"workers":[]')
  // It asks who is there, and after a worker that does not announce itself
  expect(commands()).toEqual(['SUBSCRIBE', 'SEND'])
  expect(frames[1]?.header('destination')).toBe('/topic/myapp.control.t')
  say(beat('w'))
  await vi.advanceTimersByTimeAsync(60)
  expect(commands()).toEqual(['SUBSCRIBE', 'SEND', 'SEND'])
  for (const { told } of pages) expect(told[2]).toContain('"worker_id":"w"')
  const late = await join()
  expect(late.told[0]).toContain('"worker_id":"w"')
  expect(commands().filter(command => command === 'SUBSCRIBE').length).toBe(1)

  for (const { reader } of [...pages, late]) presence.leave(destination, reader)
  await vi.advanceTimersByTimeAsync(29_000)
  const again = await join()
  presence.leave(destination, again.reader)
  await vi.advanceTimersByTimeAsync(29_000)
  expect(presence.topics).toBe(1)
  await vi.advanceTimersByTimeAsync(1_100)
  expect([presence.topics, commands().at(-1)]).toEqual([0, 'UNSUBSCRIBE'])
})

test('a page that has gone before the broker answered leaves nothing behind', async () => {
  const { presence, join } = setUp()
  const { told, isTold } = await join(destination, () => false)
  expect([told, isTold]).toEqual([[], true])
  await vi.advanceTimersByTimeAsync(30_100)
  expect(presence.topics).toBe(0)
})

test('without a broker, SUBSCRIBEs go on to the broker', async () => {
  const { presence, join, leave } = setUp()
  leave()
  expect((await join()).isTold).toBe(false)
  expect(presence.topics).toBe(0)
})

test('pages are told of a connection that is lost, and those that subscribe again of a new one', async () => {
  const { join, sinks, events, commands } = setUp()
  const page = await join()
  await vi.advanceTimersByTimeAsync(20_000)
  sinks[0]?.closed(new Error('cut'))
  expect(page.told.at(-1)).toContain('"ended":true')
  expect(events).toEqual(['broker_lost'])
  const next = await join()
  expect([next.isTold, sinks.length, commands().filter(command => command === 'SUBSCRIBE').length]).toEqual([
    true,
    2,
    2,
  ])
  // One that does not last is not tried again at once
  sinks[1]?.closed()
  expect((await join()).isTold).toBe(false)
})

test('a connection that is lost while a silent worker is asked leaves nothing behind', async () => {
  let isMute = false
  const { presence, join, say, sinks, commands } = setUp({ answer: () => !isMute || undefined })
  await join()
  say(beat('w', { type: 'announce', task: 't', started_at: 1, interval_ms: 1_000 }))
  isMute = true
  const pings = commands().length
  await vi.advanceTimersByTimeAsync(3_100)
  expect(commands().slice(pings)).toEqual(['SEND'])
  sinks[0]?.closed(new Error('cut'))
  await vi.advanceTimersByTimeAsync(20_000)
  expect([presence.topics, sinks.length, vi.getTimerCount()]).toEqual([0, 1, 0])
})

test('a bridge that ends while it still connects leaves no connection behind', async () => {
  const { presence, join, closed, greet, commands } = setUp()
  greet(new Uint8Array(0))
  const joining = join()
  await vi.advanceTimersByTimeAsync(1)
  presence.close()
  expect((await joining).isTold).toBe(false)
  expect([closed, commands()]).toEqual([['closed'], []])
})

test('a broker that greets and refuses in one breath is asked again later', async () => {
  const { join, greet, events } = setUp()
  const greeted = encodeFrame('CONNECTED', [['version', '1.2']])
  greet(joinBytes([greeted, encodeFrame('ERROR', [['message', 'full']])]))
  expect((await join()).isTold).toBe(false)
  greet(undefined)
  await vi.advanceTimersByTimeAsync(600)
  expect([(await join()).isTold, events]).toEqual([true, ['broker_lost']])
})

test('a bridge that stood still calls no worker late for beats that it did not hear', async () => {
  const { join, say } = setUp()
  const page = await join()
  say(beat('w', { interval_ms: 1_000 }))
  await vi.advanceTimersByTimeAsync(1_000)
  vi.setSystemTime(Date.now() + 20_000)
  await vi.advanceTimersByTimeAsync(700)
  expect(page.told.filter(text => text.includes('silent_ms'))).toEqual([])
  await vi.advanceTimersByTimeAsync(1_600)
  expect(page.told.at(-1)).toContain('silent_ms')
})

test('a broker that falls silent is lost', async () => {
  const { presence, join } = setUp()
  const page = await join()
  for (let ms = 0; ms < defaultLimits.quietMs + 20_000; ms += 1_000) presence.tick(1_000)
  expect(page.told.at(-1)).toContain('"ended":true')
})

test('more than it keeps is told by the broker; other destinations go on', async () => {
  const { presence, join, say } = setUp({ bounds: { maxTopics: 2, maxWorkers: 3, maxCharacters: 100_000 } })
  const page = await join()
  const other = await join('/topic/myapp.workers.u')
  expect((await join('/topic/myapp.workers.v')).isTold).toBe(false)
  for (const id of ['a', 'b', 'c', 'd']) say(beat(id))
  expect(page.told.at(-1)).toContain('"ended":true')
  expect((await join()).isTold).toBe(false)
  say(beat('e'), '2', '/topic/myapp.workers.u')
  await vi.advanceTimersByTimeAsync(60)
  expect(other.told.at(-1)).toContain('"worker_id":"e"')
  say(
    beat('f', { type: 'announce', task: 'u', started_at: 1, note: 'x'.repeat(60_000) }),
    '2',
    '/topic/myapp.workers.u',
  )
  expect(other.told.at(-1)).toContain('"ended":true')
  expect(presence.topics).toBe(0)
  await vi.advanceTimersByTimeAsync(60_000)
  expect((await join()).isTold).toBe(true)
})

test('what cannot be read is counted here and by masters, and hides nothing', async () => {
  const { join, say, counts } = setUp()
  const page = await join('/topic/myapp.workers.>')
  say('{', '1')
  say('[]', '1')
  say(beat('w', { active: -1 }))
  say(beat('w', { type: 'announce', task: 'other', started_at: 1 }))
  say({ v: 1, type: 'nap', for_ms: 7 })
  say('x', '1', '/topic/myapp.workers.Not_A_Task')
  say(beat('w'), '9')
  say(beat('w'))
  await vi.advanceTimersByTimeAsync(60)
  expect(counts.presenceDropped).toBe(5)
  const body = JSON.parse(page.told.at(-1)?.split('\n\n')[1]?.slice(0, -1) ?? '') as { workers: { said: unknown }[] }
  expect(body.workers.map(({ said }) => said)).toEqual([
    expect.objectContaining({ worker_id: 'w' }),
    null,
    null,
    null,
    null,
    { v: 1, type: 'nap', for_ms: 7 },
  ])
})
