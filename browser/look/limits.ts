/** The limits of a task in words, as its worker announced them. */
import type { TaskLimits } from '../../shared/contract/mod.ts'
import { count, duration, number } from './format.ts'

/** Such as `30 s · 3 attempts · 2 at once · 10 in 1.0 s`; empty where there are none. */
export function limitsSaid(limits: TaskLimits | undefined): string {
  const { timeout_ms, attempts, task_concurrency, task_rate } = limits ?? {}
  return [
    timeout_ms === undefined ? '' : duration(timeout_ms),
    attempts === undefined ? '' : count(attempts, 'attempt'),
    task_concurrency === undefined ? '' : `${number(task_concurrency)} at once`,
    task_rate === undefined ? '' : `${number(task_rate.jobs)} in ${duration(task_rate.per_ms)}`,
  ]
    .filter(Boolean)
    .join(' · ')
}
