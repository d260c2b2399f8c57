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
  [
    'its input holds a secret',
    job({ phase: { at: 'unsent', tried: false }, secrets: [['password']] }),
    /^Kept while this page is open/,
  ],
  ['it has a result', ended({ type: 'result', output: 1 }), /^Done\.$/],
  ['it took too long', ended({ type: 'timed_out', timeout_ms: 30_000 }), /^Timed out: no outcome within 30 s\.$/],
  ['it was cancelled', ended({ type: 'cancelled' }), /^Cancelled\.$/],
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
    /^Failed: no\.$/,
  ],
])('sentWords() when %s', (_, state, text) => {
  expect(sentWords(state, 'queue').text).toMatch(text)
})

test('rejectionsOf() names who rejected a broadcast', () => {
  const workers = [{ worker_id: 'w1', name: 'ada', outcome: { type: 'rejected', issues } }, { worker_id: 'w2' }]
  const broadcast = job({ mode: 'topic', workers: workers as never })
  expect(rejectionsOf(broadcast)).toEqual([{ path: 'width', message: 'too wide (ada)' }])
  expect(sentWords(broadcast, 'topic').text).toMatch(/^Workers rejected/)
  expect(rejectionsOf(ended({ type: 'rejected', issues }))).toEqual(issues)
  expect(rejectionsOf(undefined)).toEqual([])
})

test('sentWords() has the tone of the outcome', () => {
  const error = { name: 'E', code: 'x', message: 'no', retryable: false }
  const tones = (...states: readonly (JobState | undefined)[]) => states.map(state => sentWords(state, 'queue').tone)
  expect(
    tones(
      undefined,
      ended({ type: 'result', output: 1 }),
      ended({ type: 'error', worker_id: 'w', error }),
      ended({ type: 'timed_out', timeout_ms: 1 }),
      ended({ type: 'cancelled' }),
    ),
  ).toEqual(['info', 'success', 'danger', 'danger', 'neutral'])
})

test('of a broadcast it is said how many answered, and how many of those failed', () => {
  const failed = { worker_id: 'a', outcome: { type: 'error', error: { code: 'x', message: 'no' } } }
  const done = { worker_id: 'b', outcome: { type: 'result', output: 1 } }
  const words = (workers: readonly unknown[], outcome: Outcome) =>
    sentWords(ended(outcome, { mode: 'topic', workers: workers as never }), 'topic')
  expect(words([done, done], { type: 'answered', missing: [] })).toEqual({
    tone: 'success',
    text: '2 of 2 workers answered.',
  })
  expect(words([failed, done], { type: 'answered', missing: ['c'] })).toEqual({
    tone: 'warning',
    text: '2 of 3 workers answered, 1 failed.',
  })
  expect(words([failed], { type: 'answered', missing: [] })).toEqual({
    tone: 'danger',
    text: '1 of 1 worker answered, 1 failed.',
  })
  expect(words([done], { type: 'timed_out', timeout_ms: 1, missing: ['c'] }).text).toBe(
    'Timed out: 1 of 2 workers answered.',
  )
})
