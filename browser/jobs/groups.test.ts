import { expect, test } from 'vitest'
import type { JobState } from '../../shared/master/mod.ts'
import { countJobs, howEnded } from './groups.ts'

const job = (type: string): JobState => ({ phase: { at: 'ended', since: 0, outcome: { type } } }) as unknown as JobState

test('ended jobs are counted by their tab, and told in its word', () => {
  const jobs = ['result', 'timed_out', 'answered', 'error', 'result', 'cancelled'].map(job)
  expect(countJobs(jobs)).toEqual({ all: 6, waiting: 0, running: 0, done: 3, failed: 2, cancelled: 1 })
  expect(howEnded(jobs)).toBe('3 jobs done, 2 jobs failed, 1 job cancelled.')
  expect(howEnded(jobs.slice(1, 2))).toBe('1 job failed.')
})
