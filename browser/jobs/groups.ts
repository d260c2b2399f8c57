/** The tabs of a list of jobs, and which states are under each. */
import type { JobCounts, JobState, JobStatus } from '../../shared/master/mod.ts'
import { statusOf } from '../../shared/master/mod.ts'
import { count } from '../look/mod.ts'

export type JobGroup = 'all' | 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'

export const groups: { readonly [group in JobGroup]: { readonly word: string; readonly of: readonly JobStatus[] } } = {
  all: { word: 'All', of: [] },
  waiting: { word: 'Waiting', of: ['unsent', 'sent'] },
  running: { word: 'Running', of: ['running', 'retrying', 'cancelling'] },
  done: { word: 'Done', of: ['result', 'answered'] },
  failed: { word: 'Failed', of: ['error', 'rejected', 'timed_out', 'no_worker'] },
  cancelled: { word: 'Cancelled', of: ['cancelled'] },
}

export const groupNames = Object.keys(groups) as readonly JobGroup[]

export const isGroup = (text: string | null | undefined): text is JobGroup => Object.hasOwn(groups, text ?? '')

export function isIn(group: JobGroup, job: JobState): boolean {
  return group === 'all' || groups[group].of.includes(statusOf(job))
}

export type GroupCounts = { readonly [group in JobGroup]: number }

/** In words: `3 jobs done, 1 job failed.` */
export function howEnded(jobs: readonly JobState[]): string {
  const counts = countJobs(jobs)
  const said = groupNames.flatMap(name =>
    name === 'all' || counts[name] === 0 ? [] : [`${count(counts[name], 'job')} ${groups[name].word.toLowerCase()}`],
  )
  return `${said.join(', ')}.`
}

/** @param counts by status */
export function countGroups(counts: JobCounts): GroupCounts {
  const sum = (statuses: readonly JobStatus[]) => statuses.reduce((total, status) => total + counts[status], 0)
  const all = sum(Object.keys(counts) as JobStatus[])
  return { ...perGroup(({ of }) => sum(of)), all }
}

/** The same of a part of the jobs. */
export function countJobs(jobs: Iterable<JobState>): GroupCounts {
  const counts: { [group in JobGroup]: number } = perGroup(() => 0)
  for (const job of jobs) {
    counts.all++
    const group = groupNames.find(name => name !== 'all' && isIn(name, job))
    if (group !== undefined) counts[group]++
  }
  return counts
}

function perGroup(count: (group: (typeof groups)[JobGroup]) => number): { [group in JobGroup]: number } {
  return Object.fromEntries(groupNames.map(name => [name, count(groups[name])])) as { [group in JobGroup]: number }
}
