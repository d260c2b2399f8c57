import { expect, test } from 'vitest'
import type { Reply } from '../../../contract/mod.ts'
import { type JobState, newJobState } from './job.ts'
import { reduceJob } from './reduce.ts'

const request_id = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'
const about = { v: 1, request_id, worker_id: 'w', attempt: 1 }
const retried = { id: 'r1', by: 'ada', at: 7 }
const apply = (state: JobState, ...replies: Reply[]) =>
  replies.reduce((before, reply) => reduceJob(before, { type: 'reply', reply, at: 1 }).state, state)
const sent = (): JobState => ({
  ...newJobState({ request_id, task: 'a', mode: 'queue', input: 1, timeout_ms: 1000, created_at: 0 }),
  phase: { at: 'sent', since: 0 },
})
const error = { name: 'Error', code: 'x', message: 'no', retryable: false }
const dead = (): JobState =>
  apply(sent(), { ...about, type: 'accepted', seq: 0 }, { ...about, type: 'error', seq: 1, error })
const again: Reply[] = [
  { ...about, type: 'accepted', seq: 0, retried },
  { ...about, type: 'result', seq: 1, output: 7, retried },
]

test('the outcome of a retry is late, though its worker, attempt and seq are those of before, and says who asked', () => {
  const before = dead()
  const after = apply(before, ...again)
  expect(after.phase).toEqual(before.phase)
  expect(after.late).toEqual([again[1]])
  expect(apply(after, ...again), 'twice').toBe(after)
  const more = apply(after, { ...again[1]!, retried: { id: 'r2' } })
  expect(more.late.map(one => one.retried?.id)).toEqual(['r1', 'r2'])
})

test('a job that timed out here does not stop its retry', () => {
  const timedOut = reduceJob(sent(), { type: 'timeout', at: 1 }).state
  const accepted: Reply = { ...about, type: 'accepted', seq: 0 }
  expect(reduceJob(timedOut, { type: 'reply', reply: accepted, at: 1 }).publishCancel).toBe(true)
  expect(reduceJob(timedOut, { type: 'reply', reply: { ...accepted, retried }, at: 1 }).publishCancel).toBe(false)
})

test('of a job that has no outcome here its retry gives one', () => {
  const lost = apply(
    sent(),
    { ...about, type: 'accepted', seq: 0, losses: 0, attempt: 3 },
    { ...about, type: 'log', seq: 1, level: 'info', message: 'a', attempt: 3 },
  )
  const running = apply(lost, again[0]!)
  expect(running).toMatchObject({ phase: { at: 'running' }, attempt: 1 })
  expect(apply(running, again[1]!).phase).toMatchObject({ at: 'ended', outcome: { type: 'result', output: 7 } })
})

test('a retry is none of the runs before, though its worker, attempt and seq are theirs and its losses fewer', () => {
  const accepted = { ...about, type: 'accepted', seq: 0, losses: 0 } as const
  const lost = apply(sent(), accepted, { ...accepted, worker_id: 'other', losses: 2 })
  const { workers } = apply(lost, { ...accepted, retried })
  expect(workers).toMatchObject([{ at: 'lost' }, { at: 'lost' }, { worker_id: 'w', retried: 'r1', at: 'running' }])
})
