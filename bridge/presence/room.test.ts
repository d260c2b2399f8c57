/** Bounds of presence: of all that the bridge keeps, and of the messages that wait for slow pages. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Reader } from './reader.ts'
import { beat, destination, setUp, textOf } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('workers that fall silent and are forgotten take no room for ever', async () => {
  const { join, say } = setUp({ bounds: { maxTopics: 1, maxWorkers: 2, maxCharacters: 2_000 } })
  const page = await join()
  for (let n = 0; n < 60; n++) {
    say(beat(`w${n}`, { interval_ms: 100 }))
    await vi.advanceTimersByTimeAsync(302_000)
  }
  say(beat('last'))
  await vi.advanceTimersByTimeAsync(60)
  expect(page.told.at(-1)).toContain('"worker_id":"last"')
})

test.each([
  ['workers', { maxWorkers: 10, maxCharacters: 1_000_000 }],
  ['characters', { maxWorkers: 1_000, maxCharacters: 3_000 }],
])('a task with too many %s costs its own pages the changes, and no others', async (_, bounds) => {
  const { join, say } = setUp({ bounds: { maxTopics: 2, ...bounds } })
  const crowded = await join('/topic/myapp.workers.crowded')
  const page = await join('/topic/myapp.workers.other')
  for (let n = 0; n < 8; n++) say(beat(`c${n}`), '1', '/topic/myapp.workers.crowded')
  for (let n = 0; n < 5; n++) say(beat(`w${n}`), '2', '/topic/myapp.workers.other')
  await vi.advanceTimersByTimeAsync(60)
  expect(crowded.told.at(-1)).toContain('"ended":true')
  for (let n = 0; n < 5; n++) expect(page.told.at(-1)).toContain(`"worker_id":"w${n}"`)
})

test('a page that reads nothing waits for the first it is told, and for its RECEIPT, as for all else', async () => {
  const { presence, say } = setUp()
  let isFull = true
  const told: string[] = []
  const send = (frame: Uint8Array): void => void told.push(textOf(frame))
  const wanted = { namespace: 'myapp', destination, isWanted: () => true }
  const reader = new Reader('s', { version: '1.2', isFull: () => isFull, send })
  await presence.join(wanted, reader, () => told.push('begun'))
  say(beat('w'))
  await vi.advanceTimersByTimeAsync(3_000)
  expect(told).toEqual([])
  isFull = false
  await vi.advanceTimersByTimeAsync(1_100)
  expect([told.length, told[1]]).toEqual([2, 'begun'])
  expect(told[0]).toContain('"snapshot":true')

  isFull = true
  const other = new Reader('t', { version: '1.2', isFull: () => isFull, send })
  await presence.join(wanted, other, () => told.push('begun'))
  presence.close()
  expect(told.slice(3)).toEqual(['begun', expect.stringContaining('"ended":true')])
})
