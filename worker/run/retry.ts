/** Another attempt after a failed one. A queue's job leaves for it at once, and is kept back elsewhere; a broadcast waits here. */
import type { Clock } from '../../shared/clock.ts'
import { sealedError, type WireError } from '../../shared/contract/mod.ts'
import type { HeldJob } from '../held-job.ts'
import type { JobEnds } from '../settle/job-ends.ts'
import type { JobEvents } from '../settle/job-events.ts'
import { retryDelayMs } from './retry-delay.ts'

export interface RetriesPorts {
  readonly clock: Clock
  readonly slots: { offer(held: HeldJob): void }
  readonly ends: Pick<JobEnds, 'republishForRetry'>
  readonly events: JobEvents
  /** From 0 up to, not including, 1. */
  random(): number
  isDraining(): boolean
}

export class Retries {
  readonly #ports: RetriesPorts

  constructor(ports: RetriesPorts) {
    this.#ports = ports
  }

  /** Has a job that failed run once more, if it may. @returns whether it does; else it is over */
  retry(held: HeldJob, error: WireError): boolean {
    const { clock, events, ends, random, isDraining } = this.#ports
    const { mode, job, deadlineAt, implementation } = held
    const delayMs = retryDelayMs(implementation.task, error, job, deadlineAt - clock.steady(), random)
    if (delayMs === undefined || (isDraining() && mode === 'topic')) return false
    held.replies.send({ type: 'retrying', error, ...(delayMs > 0 ? { next_at: clock.now() + delayMs } : {}) })
    events.publish(held, 'retrying')
    events.log(held, 'retrying', { error: held.replies.isSealed ? sealedError(error) : error })
    // At once: no worker that dies takes the attempt that failed with it
    if (mode === 'queue') void ends.republishForRetry(held, delayMs)
    else this.#rest(held, delayMs)
    return true
  }

  /** A broadcast, which is nobody else's, takes the next slot after its wait. */
  #rest(held: HeldJob, delayMs: number): void {
    const { clock, slots } = this.#ports
    held.phase = 'resting'
    const stop = clock.timer(delayMs, () => {
      held.job = { ...held.job, attempt: held.job.attempt + 1 }
      held.replies = held.replies.nextAttempt()
      held.phase = 'waiting'
      slots.offer(held)
    })
    held.timers.add(stop)
  }
}
