/** Whether and when a failed attempt is followed by another. */
import type { Task, WireError } from '../../shared/contract/mod.ts'

const firstDelayMs = 1_000
const longestDelayMs = 60_000

/**
 * Decides on another attempt. Pure.
 * @param leftMs until the job's deadline: an attempt that could only begin after it is not made
 * @returns the wait before it in ms, or `undefined` for none
 */
export function retryDelayMs(
  task: Pick<Task, 'attempts' | 'retryDelayMs'>,
  error: WireError,
  attempt: number,
  leftMs: number,
): number | undefined {
  if (!error.retryable || attempt >= (task.attempts ?? 1)) return undefined
  const delayMs = chosenDelayMs(task, attempt)
  return delayMs < leftMs ? delayMs : undefined
}

function chosenDelayMs({ retryDelayMs }: Pick<Task, 'retryDelayMs'>, attempt: number): number {
  const ordinaryMs = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 10))
  let chosenMs: unknown = retryDelayMs
  try {
    if (typeof retryDelayMs === 'function') chosenMs = retryDelayMs(attempt)
  } catch {
    return ordinaryMs
  }
  return typeof chosenMs === 'number' && chosenMs >= 0 ? Math.round(chosenMs) : ordinaryMs
}
