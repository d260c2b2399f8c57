/** How many subscriptions a group of tasks has and is to have. */
import type { HeldJobs } from '../held-job.ts'
import type { QueueGroup } from './queue-group.ts'
import type { TaskLimits } from './task-limits.ts'

export interface WantedPorts {
  /** Of the worker, over all tasks. */
  readonly concurrency: number
  readonly heldJobs: Pick<HeldJobs, 'inHand'>
  readonly limits: Pick<TaskLimits, 'room' | 'most'>
}

/** One for each job that may begin, and one for each that is in hand. @param free slots */
export function wantedOf(group: QueueGroup, free: number, { heldJobs, limits }: WantedPorts): number {
  const mayBegin = Math.min(
    free,
    ofTasks(group, task => limits.room(task)),
  )
  return group.sources.reduce((sum, source) => sum + heldJobs.inHand(source), mayBegin)
}

/** How many it needs at most while nothing rests there. */
export function mostOf(group: QueueGroup, { concurrency, limits }: WantedPorts): number {
  return Math.min(
    concurrency,
    ofTasks(group, task => limits.most(task)),
  )
}

export const countOf = ({ subscriptions }: QueueGroup): number =>
  subscriptions.filter(({ isParked, hasLeft, at }) => !isParked && !hasLeft && at === 'open').length

const ofTasks = ({ tasks }: QueueGroup, of: (task: string) => number): number =>
  tasks.reduce((sum, task) => sum + of(task), 0)
