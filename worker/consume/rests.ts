/**
 * Jobs that may not begin yet (`wait_ms`). Where the broker keeps a job back as safely as it keeps any other, it does. Elsewhere a
 * worker holds it, unacknowledged, in no slot, and publishes it again without `wait_ms` once its wait is over. So a job that has
 * one was never begun: a worker that dies in the wait costs neither a loss nor an attempt.
 */
import type { Clock } from '../../shared/clock.ts'
import type { BrokerSession } from '../../shared/stomp/mod.ts'
import { type HeldJob, type HeldJobs, isResting, newestOf } from '../held-job.ts'
import { keepNewest } from '../keep-newest.ts'
import type { WorkerLimits } from '../options.ts'
import type { JobEnds } from '../settle/job-ends.ts'
import type { JobEvents } from '../settle/job-events.ts'
import type { BrokerTime } from './broker-time.ts'
import type { Slots } from './slots.ts'

export interface RestsPorts {
  readonly clock: Clock
  readonly heldJobs: Pick<HeldJobs, 'hold' | 'holds' | 'leavesSoon' | typeof Symbol.iterator>
  readonly slots: Pick<Slots, 'adjust'>
  readonly ends: Pick<JobEnds, 'stop' | 'republishResting' | 'connectionLost'>
  readonly events: Pick<JobEvents, 'log'>
  readonly brokerTime: BrokerTime
  readonly limits: Pick<WorkerLimits, 'restingJobs' | 'longestRestMs'>
  session(): BrokerSession
  isDraining(): boolean
}

/** A subscription that was opened for so short a time would be one too many right after. */
const briefRestMs = 500
/** How long one more than may rest stays, so that it does not go round without a pause. */
const passOnMs = 50
/** A bridge takes 500 subscriptions of a session, and each job that rests keeps one. */
const mostByBridge = 200
/** So many waits are known that ended with their connection. */
const maxKnown = 10_000

/** A wait of a job, which comes again with the job after its connection went. */
interface Wait {
  readonly attempt: number
  readonly waitMs: number | undefined
  readonly dueAt: number
}

export class Rests {
  readonly #ports: RestsPorts
  readonly #interrupted = new Map<string, Wait>()

  constructor(ports: RestsPorts) {
    this.#ports = ports
  }

  /** Jobs that rest. */
  get size(): number {
    let size = 0
    for (const held of this.#ports.heldJobs) if (isResting(held)) size++
    return size
  }

  take(held: HeldJob): void {
    const { clock, heldJobs, slots, ends, events, limits, session, isDraining } = this.#ports
    const { dialect, bridged } = session()
    const isFull = this.size >= (bridged ? Math.min(limits.restingJobs, mostByBridge) : limits.restingJobs)
    held.phase = 'resting'
    held.dueAt = this.#dueAt(held)
    heldJobs.hold(held, clock, () => ends.stop(held, { why: 'timed_out' }))
    if (held.stopped !== undefined) return
    if (dialect.delaysInTransaction || isDraining()) return void ends.republishResting(held)
    const leftMs = held.dueAt - clock.steady()
    const longestMs = isFull
      ? passOnMs
      : Math.min(limits.longestRestMs, (dialect.maxUnackedMs ?? Number.POSITIVE_INFINITY) / 2)
    const restMs = Math.max(0, Math.ceil(Math.min(leftMs, longestMs)) + 1) // no timer is early by more
    if (isFull || restMs <= briefRestMs) heldJobs.leavesSoon(held)
    if (!isFull) events.log(held, 'resting', { reason: `its wait is over in ${Math.max(0, Math.ceil(leftMs))} ms` })
    held.timers.add(clock.timer(restMs, () => void ends.republishResting(held)))
    slots.adjust()
  }

  /** Another copy of a job that rests has come: the one that may begin first decides. */
  hasCopy(held: HeldJob, came: HeldJob): void {
    const { clock, ends } = this.#ports
    if (!isResting(held)) return
    const dueAt = this.#dueAt(came)
    if (dueAt >= (held.dueAt ?? 0)) return
    held.dueAt = dueAt
    held.timers.add(clock.timer(Math.max(0, dueAt - clock.steady()), () => void ends.republishResting(held)))
  }

  /** The broker hands them out again, to others too. */
  connectionLost(): void {
    const { heldJobs, ends } = this.#ports
    for (const held of [...heldJobs]) {
      if (!isResting(held)) continue
      const { attempt, wait_ms: waitMs } = held.job
      this.#interrupted.set(held.requestId, { attempt, waitMs, dueAt: held.dueAt ?? 0 })
      ends.connectionLost(held)
    }
    keepNewest(this.#interrupted, maxKnown)
  }

  #dueAt(held: HeldJob): number {
    const { clock, brokerTime } = this.#ports
    const { attempt, wait_ms = 0 } = held.job
    const { headers } = newestOf(held).origin
    const before = this.#interrupted.get(held.requestId)
    this.#interrupted.delete(held.requestId)
    const isSame = headers.redelivered === 'true' && before?.attempt === attempt && before.waitMs === wait_ms
    const now = clock.steady()
    if (isSame) return before.dueAt
    // The delay of a broker that keeps jobs back was before that wait
    const { delaysInTransaction } = this.#ports.session().dialect
    return now + wait_ms - (delaysInTransaction ? 0 : brokerTime.sinceMs(headers.timestamp, now))
  }
}
