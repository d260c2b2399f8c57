/** Whether another attempt follows a failed one, and after which wait. Pure. */
import { retryWaitMs } from '../../shared/contract/backoff.ts'
import type { Job, Task, WireError } from '../../shared/contract/mod.ts'

/** More than any job is meant to have, so that a wrong number in one does not have it run for ever. */
const mostAttempts = 1_000

/** How many runs of a job may fail: its sender's number, else the task's, else 1. */
export function attemptsOf({ attempts }: Pick<Task, 'attempts'>, job: Pick<Job, 'attempts'>): number {
  return Math.min(mostAttempts, job.attempts ?? attempts ?? 1)
}

/**
 * Decides on another attempt.
 * @param job the one whose run failed
 * @param leftMs until the job's deadline: an attempt that could only begin after it is not made
 * @param random from 0 up to, not including, 1
 * @returns the wait before it in ms, or `undefined` for none
 */
export function retryDelayMs(
  task: Pick<Task, 'attempts' | 'backoff' | 'retryDelayMs'>,
  error: WireError,
  job: Pick<Job, 'attempt' | 'attempts'>,
  leftMs: number,
  random: () => number,
): number | undefined {
  if (!error.retryable || job.attempt >= attemptsOf(task, job)) return undefined
  const delayMs = chosenDelayMs(task, error, job.attempt, random)
  return delayMs < leftMs ? delayMs : undefined
}

function chosenDelayMs(
  { backoff, retryDelayMs }: Pick<Task, 'backoff' | 'retryDelayMs'>,
  error: WireError,
  attempt: number,
  random: () => number,
): number {
  const chosen = backoff ?? retryDelayMs
  if (typeof chosen === 'object') return retryWaitMs(chosen, attempt, random)
  let chosenMs: unknown = chosen
  try {
    if (typeof chosen === 'function') chosenMs = chosen(attempt, error)
  } catch {
    chosenMs = undefined
  }
  return typeof chosenMs === 'number' && chosenMs >= 0 ? Math.round(chosenMs) : retryWaitMs(undefined, attempt, random)
}
