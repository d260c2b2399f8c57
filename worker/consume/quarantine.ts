/**
 * Jobs that have lost two workers: either they end them, or something beside them did. Each runs by itself, so that the next
 * loss is certain evidence. Promise 6.
 */
import type { Clock } from '../../shared/clock.ts'
import type { Job } from '../../shared/contract/mod.ts'
import type { BrokerSession } from '../../shared/stomp/mod.ts'
import { type HeldJob, type HeldJobs, isResting } from '../held-job.ts'
import { keepNewest } from '../keep-newest.ts'
import type { JobEnds } from '../settle/job-ends.ts'
import type { Slots } from './slots.ts'
import type { TaskLimits } from './task-limits.ts'

export interface QuarantinePorts {
  readonly clock: Clock
  readonly heldJobs: Pick<HeldJobs, 'hold' | typeof Symbol.iterator>
  readonly slots: Pick<Slots, 'adjust' | 'offerExclusive' | 'withdraw'>
  readonly ends: Pick<JobEnds, 'stop' | 'requeue' | 'republish'>
  readonly limits: Pick<TaskLimits, 'waitMs'>
  session(): BrokerSession
}

/** How long a worker takes nothing else on for one: the others may run for an hour, and another worker may be free. */
const longestWaitMs = 5_000
/** How long one stays that was passed on before, so that it does not go round without end. */
const passOnMs = 50
/** The same, where its task may begin none for longer than a job waits that is to run by itself. */
const atRateMs = 1_000
/** So many jobs are known to have been passed on. */
const maxPassedOn = 1_000

export class Quarantine {
  readonly #ports: QuarantinePorts
  /** Jobs that came while something ran here, and were passed on for that. */
  readonly #passedOn = new Set<string>()

  constructor(ports: QuarantinePorts) {
    this.#ports = ports
  }

  /**
   * Whether this worker may end by another job than this, would it keep it: by one that lost a worker before, or, the first time
   * that it comes, by any that runs here. The second time it has to be kept, else a busy worker would never run it. One whose
   * task's rate lets it wait for longer than it may is not kept either: everything else would wait with it.
   */
  isBesideDoubt(requestId: string, task: string): boolean {
    const { heldJobs } = this.#ports
    if (this.#isAtRate(task)) return true
    if (this.#hasDoubt()) return true
    const isByItself = [...heldJobs].every(isResting)
    if (isByItself || this.#passedOn.has(requestId)) return false
    this.#passedOn.add(requestId)
    keepNewest(this.#passedOn, maxPassedOn)
    return true
  }

  #isAtRate = (task: string): boolean => this.#ports.limits.waitMs(task) > longestWaitMs

  /**
   * Whether a job that lost its worker before, or is to run by itself, is here other than to be passed on. One that rests ends
   * nobody, and loses nothing by the end of its worker.
   */
  #hasDoubt(): boolean {
    for (const held of this.#ports.heldJobs)
      if (held.mode === 'queue' && !isResting(held) && isDoubtful(held.job)) return true
    return false
  }

  /** Takes nothing else on, lets the runs end, and then runs the job by itself. */
  run(held: HeldJob): void {
    const { slots, ends, session } = this.#ports
    if (!this.#hold(held)) return
    const { maxUnackedMs = Number.POSITIVE_INFINITY } = session().dialect
    slots.offerExclusive(held)
    this.#whileWaiting(held, Math.min(longestWaitMs, maxUnackedMs / 2), () => {
      if (slots.withdraw(held)) void ends.requeue(held)
    })
  }

  /**
   * Publishes the job again for another worker, marked so that it is no loss should something here end this one meanwhile.
   * @param isAgain it is marked already: it stays a moment
   */
  passOn(held: HeldJob, isAgain: boolean): void {
    const { ends, slots } = this.#ports
    if (!isAgain) return void ends.republish(held, { handed_back: true })
    if (!this.#hold(held)) return
    this.#whileWaiting(held, this.#isAtRate(held.task) ? atRateMs : passOnMs, () => void ends.republish(held))
    slots.adjust()
  }

  /** @returns false when its time has ended since it was decided upon */
  #hold(held: HeldJob): boolean {
    const { clock, heldJobs, ends } = this.#ports
    heldJobs.hold(held, clock, () => ends.stop(held, { why: 'timed_out' }))
    return held.stopped === undefined
  }

  #whileWaiting(held: HeldJob, ms: number, act: () => void): void {
    held.timers.add(this.#ports.clock.timer(ms, () => held.phase === 'waiting' && act()))
  }
}

/**
 * A job that is to run by itself is doubtful, also where its sender says that it had no losses: there is room for one. Marked so
 * that it may not begin, it is here for a moment, and ends nobody.
 */
const isDoubtful = ({ losses, alone, handed_back }: Job): boolean =>
  alone === undefined ? losses > 0 : handed_back !== true
