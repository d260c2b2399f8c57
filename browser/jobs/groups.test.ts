import { expect, test } from 'vitest'
import { newJobState } from '../../shared/master/jobs/state/job.ts'
import type { JobState, WorkerOutcome } from '../../shared/master/mod.ts'
import { countJobs, groupNames, groupOf, howEnded, isGroup, isIn } from './groups.ts'

const job = (part: Partial<JobState> = {}): JobState => ({
  ...newJobState({ request_id: 'a', task: 'sums.add', mode: 'queue', input: {}, timeout_ms: 1, created_at: 0 }),
  ...part,
})
const ended = (type: string, part: Partial<JobState> = {}): JobState =>
  job({ phase: { at: 'ended', since: 0, outcome: { type } as never }, ...part })
/** A broadcast with these outcomes. */
const broadcast = (...types: WorkerOutcome['type'][]): JobState => {
  const workers = types.map((type, n) => ({
    worker_id: `w-${n}`,
    at: 'ended' as const,
    attempt: 1,
    seen: {},
    outcome: { type } as WorkerOutcome,
  }))
  return ended('answered', { mode: 'topic', workers })
}

test('ended jobs are counted by their tab, and told in its word', () => {
  const jobs = ['result', 'timed_out', 'error', 'result', 'cancelled'].map(type => ended(type))
  jobs.push(broadcast('result', 'error'))
  expect(countJobs(jobs)).toEqual({ all: 6, waiting: 0, running: 0, done: 3, failed: 2, cancelled: 1 })
  expect(howEnded(jobs)).toBe('3 jobs done, 2 jobs failed, 1 job cancelled.')
  expect(howEnded(jobs.slice(1, 2))).toBe('1 job failed.')
})

test('each job is under one tab besides "all"', () => {
  const jobs = [
    job(),
    job({ phase: { at: 'sent', since: 0 } }),
    job({ phase: { at: 'cancelling', since: 0, asked: true } }),
    ended('no_worker'),
  ]
  expect(jobs.map(groupOf)).toEqual(['waiting', 'waiting', 'running', 'failed'])
  for (const one of jobs) expect(groupNames.filter(name => isIn(name, one))).toEqual(['all', groupOf(one)])
  expect([isGroup('failed'), isGroup('toString'), isGroup(null)]).toEqual([true, false, false])
})

test('a broadcast of which no worker had a result has failed; with one result it is done', () => {
  const broadcasts = [broadcast('error', 'rejected'), broadcast(), broadcast('error', 'result')]
  expect(broadcasts.map(groupOf)).toEqual(['failed', 'failed', 'done'])
})
