/** How a command ends: an exit code that scripts can rely on, and one sentence for people. */
import { DroverError } from 'drover/contract'

/** Exit codes of every command; `drover dispatch --help` lists them. */
export const exitCodes = {
  ok: 0,
  error: 1,
  usage: 2,
  rejected: 3,
  cancelled: 4,
  timedOut: 5,
  noWorker: 6,
} as const

/** A command was called in a way that cannot work; the message says how it can. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/**
 * An error as it is shown: its sentence. Stacks and causes only with `DROVER_DEBUG`, because they help nobody who
 * did not write the code.
 */
export function describeError(error: unknown, isDebug: boolean): string {
  if (isDebug && error instanceof Error) return withCauses(error)
  return error instanceof Error && error.message !== '' ? error.message : String(error)
}

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage
  if (!(error instanceof DroverError)) return exitCodes.error
  switch (error.code) {
    case 'task_invalid':
    case 'config_invalid':
      return exitCodes.usage
    case 'timed_out':
      return exitCodes.timedOut
    case 'no_worker':
      return exitCodes.noWorker
    default:
      return exitCodes.error
  }
}

function withCauses(error: Error): string {
  const own = error.stack ?? error.message
  return error.cause instanceof Error ? `${own}\ncaused by: ${withCauses(error.cause)}` : own
}
