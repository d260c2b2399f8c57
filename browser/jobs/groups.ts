/** The tabs of a list of jobs, and which states are under each. */
import type { JobState, JobStatus } from '../../shared/master/mod.ts'
import { count, shownStatusOf } from '../look/mod.ts'

type EachGroup = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
export type JobGroup = 'all' | EachGroup

/** Their words, in the order of the tabs. */
export const groups: { readonly [group in JobGroup]: string } = {
  all: 'All',
  waiting: 'Waiting',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

const groupOfStatus: { readonly [status in JobStatus]: EachGroup } = {
  unsent: 'waiting',
  sent: 'waiting',
  running: 'running',
  retrying: 'running',
  cancelling: 'running',
  result: 'done',
  answered: 'done',
  error: 'failed',
  rejected: 'failed',
  timed_out: 'failed',
  no_worker: 'failed',
  cancelled: 'cancelled',
}

export const groupNames = Object.keys(groups) as readonly JobGroup[]

export const isGroup = (text: string | null | undefined): text is JobGroup => Object.hasOwn(groups, text ?? '')

/** @returns the tab that a job is under, besides "all" */
export const groupOf = (job: JobState): EachGroup => groupOfStatus[shownStatusOf(job)]

export const isIn = (group: JobGroup, job: JobState): boolean => group === 'all' || group === groupOf(job)

export type GroupCounts = { readonly [group in JobGroup]: number }

/** In words: `3 jobs done, 1 job failed.` */
export function howEnded(jobs: readonly JobState[]): string {
  const counts = countJobs(jobs)
  const said = groupNames.flatMap(name =>
    name === 'all' || counts[name] === 0 ? [] : [`${count(counts[name], 'job')} ${groups[name].toLowerCase()}`],
  )
  return `${said.join(', ')}.`
}

/** One look at each job: 10 000 take some tenths of a millisecond, so once a frame is often enough. */
export function countJobs(jobs: Iterable<JobState>): GroupCounts {
  const counts = { all: 0, waiting: 0, running: 0, done: 0, failed: 0, cancelled: 0 }
  for (const job of jobs) {
    counts.all++
    counts[groupOf(job)]++
  }
  return counts
}

/** The counts of a master's jobs, made once a frame at most. */
export class GroupCounter {
  counts: GroupCounts = countJobs([])
  #countedOf: readonly JobState[] | undefined

  /**
   * @param shown another list whenever anything changed
   * @param task count only its jobs
   */
  follow(
    shown: readonly JobState[],
    master: { readonly jobs: ReadonlyMap<string, JobState> } | undefined,
    task: string | undefined,
  ): void {
    if (this.#countedOf === shown) return
    this.#countedOf = shown
    const all = [...(master?.jobs.values() ?? [])]
    this.counts = countJobs(task ? all.filter(job => job.task === task) : all)
  }
}
