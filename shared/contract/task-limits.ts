/** Limits of one task that its worker announces, for people who dispatch it. They decide nothing at a master. */

/** Absent where the worker has no limit of its own. */
export interface TaskLimits {
  /** How long a job may take that does not say so itself. */
  timeout_ms?: number | undefined
  /** How many runs of a job may fail before the job does. */
  attempts?: number | undefined
  /** How many jobs of the task run there at once. */
  task_concurrency?: number | undefined
  /** How many jobs of the task begin there in so long a time. */
  task_rate?: { jobs: number; per_ms: number } | undefined
}

/** @returns those that are set; `undefined` where none is */
export function taskLimitsOf({
  timeout_ms,
  attempts,
  task_concurrency,
  task_rate,
}: TaskLimits): TaskLimits | undefined {
  const all = { timeout_ms, attempts, task_concurrency, task_rate }
  const set = Object.entries(all).filter(([, value]) => value !== undefined)
  return set.length === 0 ? undefined : (Object.fromEntries(set) as TaskLimits)
}
