import { expect, test } from 'vitest'
import type { JobState, Outcome } from '../../shared/master/mod.ts'
import { rejectionsOf, sentWords } from './sent.ts'

const job = (state: Partial<JobState>): JobState =>
  ({ mode: 'queue', workers: [], phase: { at: 'sent', since: 0 }, ...state }) as JobState
const ended = (outcome: Outcome, state: Partial<JobState> = {}): JobState =>
  job({ phase: { at: 'ended', since: 0, outcome }, ...state })
const issues = [{ path: 'width', message: 'too wide' }]

test.each<[string, JobState | undefined, RegExp]>([
  ['it is known no more', undefined, /^Dispatched to one worker/],
  ['it waits for a connection', job({ phase: { at: 'unsent', tried: false } }), /^Kept for one worker/],
  ['it has a result', ended({ type: 'result', output: 1 }), /^Dispatched/],
  ['it was rejected', ended({ type: 'rejected', issues }), /rejected the input/],
  ['nobody was there', ended({ type: 'no_worker' }), /Nobody was there/],
  [
    'it was refused',
    ended({ type: 'error', error: { name: 'E', code: 'forbidden', message: 'not granted', retryable: false } }),
    /could not be sent: not granted/,
  ],
  [
    'its run failed',
    ended({ type: 'error', worker_id: 'w', error: { name: 'E', code: 'x', message: 'no', retryable: false } }),
    /^Dispatched/,
  ],
])('sentWords() when %s', (_, state, text) => {
  expect(sentWords(state, 'queue').text).toMatch(text)
})

test('rejectionsOf() names who rejected a broadcast', () => {
  const workers = [{ worker_id: 'w1', name: 'ada', outcome: { type: 'rejected', issues } }, { worker_id: 'w2' }]
  const fleet = job({ mode: 'topic', workers: workers as never })
  expect(rejectionsOf(fleet)).toEqual([{ path: 'width', message: 'too wide (ada)' }])
  expect(sentWords(fleet, 'topic').text).toMatch(/^Workers rejected/)
  expect(rejectionsOf(ended({ type: 'rejected', issues }))).toEqual(issues)
  expect(rejectionsOf(undefined)).toEqual([])
})
