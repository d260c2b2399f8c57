import { expect, test } from 'vitest'
import type { WorkerInfo } from '../../shared/master/mod.ts'
import { Finishes, healthOf } from './health.ts'

const worker = (part: Partial<WorkerInfo> = {}): WorkerInfo => ({
  worker_id: 'w-1',
  name: 'plum',
  state: 'busy',
  concurrency: 1,
  active: 1,
  processed: 0,
  failed: 0,
  interval_ms: 10_000,
  runtime: '',
  host: '',
  features: [],
  tasks: [],
  last_seen_at: 0,
  ...part,
})
const wordOf = (one: WorkerInfo, now: number, since?: number) => healthOf(one, now, since, 60_000).look.word

test('a worker is silent once a beat is well over due, and gone when the master says so', () => {
  expect([15_000, 17_000].map(now => wordOf(worker(), now))).toEqual(['Busy', 'Silent'])
  // A bridge hears it and says when it is gone, so its silence here means nothing
  expect(wordOf(worker({ is_told: true }), 17_000)).toBe('Busy')
  expect(healthOf(worker({ state: 'gone' }), 95_000, undefined, 60_000).hint).toBe('not heard since 1m ago')
})

test('a busy worker that finishes nothing may be stuck; an idle one is not', () => {
  const here = { last_seen_at: 100_000 }
  expect(wordOf(worker(here), 100_000, 0)).toBe('Stuck?')
  expect(wordOf(worker(here), 100_000, 50_000)).toBe('Busy')
  expect(wordOf(worker({ ...here, active: 0, state: 'idle' }), 100_000, 0)).toBe('Idle')
  expect(wordOf(worker({ ...here, active: 1, concurrency: 2, state: 'idle' }), 100_000, 50_000)).toBe('Running')
})

test('a worker with runs that nothing stops is stuck, unless it ends anyway', () => {
  const one = worker({ state: 'idle', active: 0, stuck: 1 })
  expect(healthOf(one, 0, undefined, 60_000)).toMatchObject({ look: { word: 'Stuck' }, hint: '1 run heeds no signal' })
  expect(healthOf(worker({ stuck: 2 }), 0, undefined, 60_000).hint).toBe('2 runs heed no signal')
  expect(wordOf(worker({ stuck: 1, state: 'draining' }), 0)).toBe('Draining')
})

test('finishing, failing and being idle begin the count anew', () => {
  const finishes = new Finishes()
  const since = (part: Partial<WorkerInfo>, now: number) => {
    finishes.note([worker(part)], now)
    return finishes.since('w-1')
  }
  expect([since({}, 1), since({}, 2), since({ processed: 1 }, 3), since({ processed: 1, failed: 1 }, 4)]).toEqual([
    1, 1, 3, 4,
  ])
  expect([since({ processed: 1, failed: 1, active: 0 }, 5), since({ processed: 1, failed: 1 }, 6)]).toEqual([5, 5])
  finishes.note([], 7)
  expect(finishes.since('w-1')).toBe(undefined)
})

test('a worker is paused once all of its tasks are, and what runs has ended', () => {
  const here = { last_seen_at: 100_000, state: 'idle', active: 0, tasks: ['a', 'b'] } as const
  expect(wordOf(worker({ ...here, paused: ['b', 'a'] }), 100_000)).toBe('Paused')
  expect(wordOf(worker({ ...here, paused: ['a'] }), 100_000)).toBe('Idle')
  expect(wordOf(worker({ ...here, tasks: [] }), 100_000)).toBe('Idle')
  expect(wordOf(worker({ ...here, paused: ['b', 'a'], active: 1 }), 100_000)).toBe('Running')
  expect(wordOf(worker({ ...here, paused: ['b', 'a'], state: 'draining' }), 100_000)).toBe('Draining')
})
