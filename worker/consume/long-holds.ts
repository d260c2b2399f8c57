/**
 * Jobs that this worker holds for as long as its broker allows. Where that is known, such a job ends before its broker takes it
 * back, so that the jobs beside it are not taken back as well. Where it is not, the broker says it as it takes them back: then the
 * cause of that ends here, and the other workers, to which it goes next, are told. Promises 1 and 6.
 */
import type { Clock } from '../../shared/clock.ts'
import { type Control, wireVersion } from '../../shared/contract/mod.ts'
import { type BrokerSession, destinationsOf, type Stomp } from '../../shared/stomp/mod.ts'
import type { HeldJob, HeldJobs, HeldJobsListener } from '../held-job.ts'
import type { Implementation } from '../implement.ts'
import type { WorkerLimits } from '../options.ts'
import type { JobEnds } from '../settle/job-ends.ts'
import type { UnackedLimit } from './unacked-limit.ts'

export interface LongHoldsPorts {
  readonly clock: Clock
  readonly stomp: Pick<Stomp, 'opened' | 'publishUnconfirmed'>
  readonly implementations: ReadonlyMap<string, Implementation>
  readonly heldJobs: Pick<HeldJobs, 'listen' | typeof Symbol.iterator>
  readonly ends: Pick<JobEnds, 'stop' | 'requeue' | 'republishResting'>
  readonly unackedLimit: UnackedLimit
  readonly limits: Pick<WorkerLimits, 'stopGraceMs'>
  session(): BrokerSession
  problem(message: string, error?: unknown, requestId?: string): void
}

/** After the grace of a run that is stopped, for its outcome to arrive. */
const arrivalMs = 3_000
/** A job that was held for so much less than the limit may be the one that the broker took back, by its clock. */
const toleranceMs = 1_000

export class LongHolds implements HeldJobsListener {
  readonly #ports: LongHoldsPorts
  #stopTimer: (() => void) | undefined
  /** Taken back, and yet to end here. */
  readonly #takenBack = new Set<HeldJob>()
  /** Tasks of which it said that they may run longer. */
  readonly #told = new Set<string>()

  constructor(ports: LongHoldsPorts) {
    this.#ports = ports
    ports.heldJobs.listen(this)
  }

  held(held: HeldJob): void {
    this.#compare(held)
    // One that came later is due later
    if (this.#ports.unackedLimit.knownMs !== undefined && this.#stopTimer === undefined) this.look()
  }

  removed(held: HeldJob): void {
    if (this.#takenBack.delete(held)) void this.#tell([held.task], 'cancel', held.requestId)
  }

  /** Ends the jobs that are due, and waits for the next. Called as well when the limit becomes known. */
  look(): void {
    const { clock, heldJobs, unackedLimit, limits } = this.#ports
    const { knownMs } = unackedLimit
    this.#stopTimer?.()
    this.#stopTimer = undefined
    if (knownMs === undefined) return
    const now = clock.steady()
    const mostMs = knownMs - Math.min(limits.stopGraceMs + arrivalMs, knownMs / 4)
    let nextAt = Number.POSITIVE_INFINITY
    for (const held of [...heldJobs]) {
      const dueAt = heldSince(held) + mostMs
      if (dueAt > now) nextAt = Math.min(nextAt, dueAt)
      else this.#end(held)
    }
    if (nextAt < Number.POSITIVE_INFINITY) this.#stopTimer = clock.timer(nextAt - now, () => this.look())
  }

  /** The connection ends, perhaps since the broker takes a job back. Called while its deliveries are in hand still. */
  connectionEnds(reason: Error): void {
    const { clock, heldJobs, implementations, ends, unackedLimit, session, problem } = this.#ports
    const { dialect } = session()
    if (!unackedLimit.learnFrom(dialect, reason)) return
    const why = unackedLimit.whyEnded(dialect)
    const before = clock.steady() - unackedLimit.knownMs! + toleranceMs
    for (const held of [...heldJobs]) {
      if (held.phase !== 'running' || heldSince(held) > before) continue
      problem(`Job ${held.requestId}: ${why}`, undefined, held.requestId)
      this.#takenBack.add(held)
      ends.stop(held, { why: 'held_too_long', reason: why })
    }
    void this.#tell([...implementations.keys()], 'limit')
  }

  /** A job's own time, once a task; `UnackedLimit.atStart` has compared the task's. */
  #compare({ job, task, implementation }: HeldJob): void {
    const { unackedLimit, session, problem } = this.#ports
    const { timeout_ms: timeoutMs = 0 } = job
    if (this.#told.has(task) || timeoutMs <= (unackedLimit.mostMs(session().dialect) ?? timeoutMs)) return
    this.#told.add(task)
    const own = { name: task, timeoutMs }
    if (unackedLimit.atStart(session().dialect, [implementation.task]) !== undefined) return
    problem(`A job came with a timeout of its own. ${unackedLimit.atStart(session().dialect, [own])}`)
  }

  #end(held: HeldJob): void {
    const { ends, unackedLimit, session } = this.#ports
    if (held.phase === 'waiting') void ends.requeue(held)
    else if (held.phase === 'resting') void ends.republishResting(held)
    else ends.stop(held, { why: 'held_too_long', reason: unackedLimit.whyEnded(session().dialect) })
  }

  /** On the next connection, behind the outcome of the job. A bridge lets no worker send that: there each learns by itself. */
  async #tell(tasks: readonly string[], type: 'limit' | 'cancel', request_id = ''): Promise<void> {
    const { stomp, unackedLimit } = this.#ports
    try {
      const { namespace, dialect, bridged } = await stomp.opened()
      const { knownMs: max_unacked_ms } = unackedLimit
      if (bridged || max_unacked_ms === undefined) return
      const reason = unackedLimit.whyEnded(dialect)
      const message: Control =
        type === 'limit'
          ? { v: wireVersion, type, max_unacked_ms }
          : { v: wireVersion, type, request_id, reason, max_unacked_ms }
      for (const task of tasks) {
        stomp.publishUnconfirmed({
          destination: destinationsOf(namespace).control(task),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(message),
        })
      }
    } catch {
      // closed for good: nobody is told anything any more
    }
  }
}

/** When its oldest delivery came that is still in hand; never for one without. */
const heldSince = ({ copies }: HeldJob): number =>
  Math.min(
    ...copies.map(({ delivery, receivedAt }) =>
      delivery === undefined || delivery.isGone() ? Number.POSITIVE_INFINITY : receivedAt,
    ),
  )
