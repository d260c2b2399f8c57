import { expect, test } from 'vitest'
import { newJobState } from '../../shared/master/jobs/state/job.ts'
import type { JobState } from '../../shared/master/mod.ts'
import { JobSearch, wordsOf } from './search.ts'
import { ShownJobs } from './shown.ts'

const job = (request_id: string, part: Partial<JobState> = {}): JobState => ({
  ...newJobState({ request_id, task: 'sums.add', mode: 'queue', input: {}, timeout_ms: 1, created_at: 0 }),
  ...part,
})
const [a, b, c] = [job('a'), job('b'), job('c')] as const

test('a list that is not held is shown as it comes', () => {
  const shown = new ShownJobs()
  expect(shown.update([a], false)).toEqual([a])
  expect(shown.update([b, a], false)).toEqual([b, a])
  expect(shown.waiting).toBe(0)
})

test('a held list keeps its rows, those that left the filter too, and counts the waiting ones', () => {
  const shown = new ShownJobs()
  shown.update([b, a], true)
  expect(shown.update([c, a], true)).toEqual([b, a])
  expect(shown.waiting).toBe(1)
  shown.release()
  expect(shown.update([c, a], true)).toEqual([c, a])
  expect(shown.waiting).toBe(0)
})

test('an empty list holds nothing back', () => {
  const shown = new ShownJobs()
  shown.update([], true)
  expect(shown.update([a], true)).toEqual([a])
  expect(shown.waiting).toBe(0)
})

test('a search finds every word in task, id or input, however nested', () => {
  const search = new JobSearch()
  const one = job('7f', { input: { path: ['Pictures', { name: 'Dusk' }] } })
  const find = (query: string, of: JobState = one) => search.matches(of, wordsOf(query))
  expect([find(''), find('SUMS dusk'), find('7f pictures'), find('sums dawn')]).toEqual([true, true, true, false])
  expect([find('12', job('x', { input: 12 })), find('null', job('x', { input: null }))]).toEqual([true, true])
  const closed = job('x', { input: null, unopened: {} })
  expect([find('null', closed), find('sums', closed)], 'its input is not here').toEqual([false, true])
  let deep: unknown = 'dusk'
  for (let n = 0; n < 200_000; n++) deep = [deep]
  expect([find('dusk', job('x', { input: deep })), find('sums', job('x', { input: deep }))]).toEqual([false, true])
})
