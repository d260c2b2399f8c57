import { expect, test } from 'vitest'
import { newJobState } from '../../shared/master/jobs/state/job.ts'
import type { JobState, WorkerOutcome } from '../../shared/master/mod.ts'
import { lookOfJob, shownStatusOf } from './job-looks.ts'

const job = (part: Partial<JobState>): JobState => ({
  ...newJobState({ request_id: 'a', task: 'sums.add', mode: 'queue', input: {}, timeout_ms: 1, created_at: 0 }),
  ...part,
})
const part = { worker_id: 'w-1', attempt: 1, seen: {} }
const answered = (types: WorkerOutcome['type'][], missing: string[] = []) =>
  job({
    mode: 'topic',
    phase: { at: 'ended', since: 0, outcome: { type: 'answered', missing } },
    workers: types.map(type => ({ ...part, at: 'ended', outcome: { type } as WorkerOutcome })),
  })
const said = (one: JobState) => {
  const { word, tone } = lookOfJob(one)
  return `${word} (${tone})`
}

test('a job whose worker went away does not go on as running', () => {
  const running = { phase: { at: 'running', since: 0 } } as const
  expect(said(job({ ...running, workers: [{ ...part, at: 'gone' }] }))).toBe('Worker gone (warning)')
  expect(lookOfJob(job({ ...running, workers: [{ ...part, at: 'gone' }] })).icon).toBe('gone')
  const another = { ...part, worker_id: 'w-2', at: 'running' } as const
  expect(said(job({ ...running, workers: [{ ...part, at: 'lost' }, another] }))).toBe('Running (info)')
  expect(said(job({ ...running, mode: 'topic', workers: [{ ...part, at: 'gone' }] }))).toBe('Running (info)')
})

test('a broadcast without any result has failed, with some it names those that are missing', () => {
  expect(
    [
      answered(['error', 'rejected']),
      answered(['error'], ['fig']),
      answered([], ['fig', 'pear']),
      answered(['result', 'error']),
      answered(['result'], ['fig']),
      answered(['result']),
    ].map(said),
  ).toEqual([
    '2 of 2 failed (danger)',
    '1 of 2 failed (danger)',
    'Nobody answered (danger)',
    'Answered, 1 failed (warning)',
    'Answered, 1 missing (warning)',
    'Answered (success)',
  ])
  expect([answered(['error']), answered(['error', 'result'])].map(shownStatusOf)).toEqual(['error', 'answered'])
})
