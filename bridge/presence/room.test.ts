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

test('where there is more than it keeps, the bridge ends the destination that has most', async () => {
  const { join, say } = setUp({ bounds: { maxTopics: 3, maxWorkers: 4, maxCharacters: 100_000 } })
  const many = await join()
  const few = await join('/topic/myapp.workers.u')
  for (const id of ['a', 'b', 'c']) say(beat(id))
  for (const id of ['d', 'e']) say(beat(id), '2', '/topic/myapp.workers.u')
  await vi.advanceTimersByTimeAsync(60)
  expect(many.told.at(-1)).toContain('"ended":true')
  expect(few.told.at(-1)).toContain('"worker_id":"e"')
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

test('a page that is full while nothing is told to it misses nothing, and is told nothing again', async () => {
  const { presence, say } = setUp()
  const full = new Set<string>()
  const told: string[] = []
  for (const id of ['slow', 'busy']) {
    const send = (): void => void told.push(id)
    const reader = new Reader(id, { version: '1.2', isFull: () => full.has(id), send })
    await presence.join({ namespace: 'myapp', destination, isWanted: () => true }, reader, () => {})
  }
  full.add('slow')
  say(beat('w'))
  await vi.advanceTimersByTimeAsync(60)
  full.add('busy')
  await vi.advanceTimersByTimeAsync(3_000)
  full.clear()
  await vi.advanceTimersByTimeAsync(3_000)
  expect(told).toEqual(['slow', 'busy', 'busy', 'slow'])
})

test('pages that come back at once wait for the same bytes', async () => {
  const { presence, say } = setUp()
  const snapshots: Uint8Array[] = []
  const join = async (id: string): Promise<void> => {
    const send = (frame: Uint8Array): void => void snapshots.push(frame)
    const reader = new Reader(id, { version: '1.2', isFull: () => false, send })
    await presence.join({ namespace: 'myapp', destination, isWanted: () => true }, reader, () => {})
    presence.leave(destination, reader)
  }
  await join('s')
  say(beat('w'))
  await vi.advanceTimersByTimeAsync(60)
  for (const id of ['s', 't', 's', 'u', 'v', 'w', 'w']) await join(id)
  const [first, s, , again, ...others] = snapshots
  expect([again === s, first === s, others.at(-1) === others.at(-2)]).toEqual([true, false, false])
})
