/** Whether and when another attempt follows a failed one, and who waits for that: the broker where it can, else this worker. */
import type { Clock } from '../../shared/clock.ts'
import { sealedError, type Task, type WireError } from '../../shared/contract/mod.ts'
import type { BrokerSession } from '../../shared/stomp/mod.ts'
import type { HeldJob, HeldJobs } from '../held-job.ts'
import type { Pauses } from '../pauses.ts'
import type { JobEnds } from '../settle/job-ends.ts'
import type { JobEvents } from '../settle/job-events.ts'

const firstDelayMs = 1_000
const longestDelayMs = 60_000
/** A subscription that was opened for so short a time would be one too many right after. */
const briefRestMs = 500

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

export interface RetriesPorts {
  readonly clock: Clock
  readonly heldJobs: Pick<HeldJobs, 'leavesSoon'>
  readonly slots: { offer(held: HeldJob): void }
  readonly ends: Pick<JobEnds, 'republishForRetry'>
  readonly events: JobEvents
  readonly pauses: Pick<Pauses, 'has'>
  session(): BrokerSession
  isDraining(): boolean
}

export class Retries {
  readonly #ports: RetriesPorts

  constructor(ports: RetriesPorts) {
    this.#ports = ports
  }

  /** Has a job that failed run once more, if it may. @returns whether it does; else it is over */
  retry(held: HeldJob, error: WireError): boolean {
    const { clock, events, session, ends, isDraining, pauses } = this.#ports
    const { mode, job, deadlineAt, implementation } = held
    const delayMs = retryDelayMs(implementation.task, error, job.attempt, deadlineAt - clock.steady())
    if (delayMs === undefined || (isDraining() && mode === 'topic')) return false
    held.replies.send({ type: 'retrying', error, ...(delayMs > 0 ? { next_at: clock.now() + delayMs } : {}) })
    events.publish(held, 'retrying')
    events.log(held, 'retrying', { error: held.replies.isSealed ? sealedError(error) : error })
    const { delayHeader, delaysInTransaction } = session().dialect
    const isDelayedByBroker = delayMs === 0 || (delayHeader !== undefined && delaysInTransaction)
    if (mode === 'queue' && isDelayedByBroker) void ends.republishForRetry(held, delayMs)
    else if (mode === 'queue' && pauses.has(held.task)) void ends.republishForRetry(held, 0)
    else this.#rest(held, delayMs)
    return true
  }

  /** It waits here. A queue's job is then published again; a broadcast, which is nobody else's, takes the next slot. */
  #rest(held: HeldJob, delayMs: number): void {
    const { clock, heldJobs, slots, ends } = this.#ports
    held.phase = 'resting'
    if (held.mode === 'queue' && delayMs <= briefRestMs) heldJobs.leavesSoon(held)
    const stop = clock.timer(delayMs, () => {
      if (held.mode === 'queue') return void ends.republishForRetry(held, 0)
      held.job = { ...held.job, attempt: held.job.attempt + 1 }
      held.replies = held.replies.nextAttempt()
      held.phase = 'waiting'
      slots.offer(held)
    })
    held.timers.add(stop)
  }
}
