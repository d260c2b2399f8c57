/** A job that this worker holds: from the moment it takes it until its outcome is made, or it is published again. */
import type { Clock } from '../shared/clock.ts'
import type { Job, WireError } from '../shared/contract/mod.ts'
import type { TraceContext } from '../shared/tracing/port.ts'
import type { Delivery } from './delivery.ts'
import type { Implementation } from './implement.ts'
import type { Copy } from './job-copy.ts'
import type { CopySeal } from './sealing/copy-seal.ts'
import type { Replies, ReplyFields } from './settle/replies.ts'

/** Why a run is told to stop. */
export interface Stopped {
  readonly why: 'cancelled' | 'timed_out' | 'shutdown' | 'held_too_long' | 'paused'
  readonly reason?: string | undefined
}

export interface HeldJob {
  readonly requestId: string
  readonly task: string
  readonly mode: 'queue' | 'topic'
  /** By the steady clock, ms. */
  readonly deadlineAt: number
  readonly implementation: Implementation
  /** Of the copy that came first, which is the one that runs. It has the key for the answers. Absent where that came in the open. */
  readonly seal?: CopySeal | undefined
  readonly stop: AbortController
  /**
   * One for each reply-to, never empty, the newest last. None is settled before the outcome, so that a worker that dies loses
   * none.
   */
  copies: readonly Copy[]
  /** Its first reply of this attempt comes next. A broadcast is retried in place, so that its attempts grow here. */
  job: Job
  replies: Replies
  /**
   * `waiting` for a slot, `running` in one. `resting`: a queue's job that nobody may begin yet, or a broadcast that failed and is
   * to run once more here.
   */
  phase: 'waiting' | 'running' | 'resting'
  /** When the wait of a queue's job is over, by the steady clock; absent for one without. */
  dueAt?: number
  stopped: Stopped | undefined
  /** Why its latest run here failed; of a sealed job a placeholder. */
  failure?: WireError | undefined
  lastProgress: ReplyFields | undefined
  /** Of its latest run here, which its outcome carries; absent where nobody traces. */
  trace?: TraceContext | undefined
  /** Each stops a timer that waits for its deadline, its next attempt or the like. */
  readonly timers: Set<() => void>
}

/** The copy that came last: its headers are the newest. */
export function newestOf({ copies }: Pick<HeldJob, 'copies'>): Copy {
  return copies.at(-1)!
}

/** Whether a run of it has begun here, so that its masters heard so. */
export const hasBegun = ({ phase, mode }: Pick<HeldJob, 'phase' | 'mode'>): boolean =>
  phase === 'running' || (phase === 'resting' && mode === 'topic')

/** Whether it rests until nobody has to wait with it any more. Nothing of it has begun, here or elsewhere. */
export const isResting = ({ phase, mode }: Pick<HeldJob, 'phase' | 'mode'>): boolean =>
  phase === 'resting' && mode === 'queue'

/** The deliveries of all copies of a job. */
export function deliveriesOf({ copies }: Pick<HeldJob, 'copies'>): Delivery[] {
  return copies.flatMap(({ delivery }) => delivery ?? [])
}

export interface HeldJobsListener {
  /** A job is held from now on, or one more copy of it. */
  held?(held: HeldJob): void
  /** A job is held no longer. */
  removed?(held: HeldJob): void
}

/** The jobs that a worker holds, by `request_id`. */
export class HeldJobs {
  readonly #listeners: HeldJobsListener[] = []
  readonly #jobs = new Map<string, HeldJob>()
  readonly #ofQueue = new Map<string, number>()
  /** Those that leave soon, which are not counted. */
  readonly #leaving = new Set<HeldJob>()
  #emptied: (() => void)[] = []

  listen(listener: HeldJobsListener): void {
    this.#listeners.push(listener)
  }

  get(requestId: string): HeldJob | undefined {
    return this.#jobs.get(requestId)
  }

  /** Whether it is this one that is held, and not another of its id, or none. */
  holds(held: HeldJob): boolean {
    return this.#jobs.get(held.requestId) === held
  }

  get size(): number {
    return this.#jobs.size
  }

  /** Copies that a queue handed out, but for those that leave soon. @param source of consume/source.ts */
  inHand(source: string): number {
    return this.#ofQueue.get(source) ?? 0
  }

  /** Holds a job, until its deadline at most, which may be now. */
  hold(held: HeldJob, clock: Clock, onDeadline: () => void): void {
    let stop = (): void => {}
    const arm = (): void => {
      const leftMs = held.deadlineAt - clock.steady()
      if (leftMs <= 0) onDeadline()
      else stop = clock.timer(leftMs, arm) // which waits for days at most, and may be early
    }
    held.timers.add(() => stop())
    this.add(held)
    arm()
  }

  add(held: HeldJob): void {
    this.#jobs.set(held.requestId, held)
    this.#count(held, 1)
    for (const listener of this.#listeners) listener.held?.(held)
  }

  /** Another copy of a job that is held: it takes the place of the one with its reply-to. @returns that one */
  addCopy(held: HeldJob, copy: Copy): Copy | undefined {
    const before = held.copies.find(({ origin }) => origin.replyTo === copy.origin.replyTo)
    if (!this.#leaving.delete(held)) this.#count(held, -1)
    held.copies = [...held.copies.filter(other => other !== before), copy]
    this.#count(held, 1)
    for (const listener of this.#listeners) listener.held?.(held)
    return before
  }

  /** Only `JobEnds` calls this. It does nothing for a job that was answered as it came, and never held. */
  remove(held: HeldJob): void {
    if (!this.holds(held)) return
    this.#jobs.delete(held.requestId)
    if (!this.#leaving.delete(held)) this.#count(held, -1)
    for (const stop of held.timers) stop()
    if (this.#jobs.size === 0) for (const resolve of this.#emptied.splice(0)) resolve()
    for (const listener of this.#listeners) listener.removed?.(held)
  }

  /** It runs no longer and is published again soon: nothing is to be taken in the place of it meanwhile. */
  leavesSoon(held: HeldJob): void {
    if (!this.holds(held) || this.#leaving.has(held)) return
    this.#leaving.add(held)
    this.#count(held, -1)
  }

  /** Resolves when none is held. */
  async empty(): Promise<void> {
    if (this.#jobs.size > 0) await new Promise<void>(resolve => this.#emptied.push(resolve))
  }

  [Symbol.iterator](): IterableIterator<HeldJob> {
    return this.#jobs.values()
  }

  #count(held: HeldJob, sign: 1 | -1): void {
    for (const { source } of deliveriesOf(held)) this.#ofQueue.set(source, this.inHand(source) + sign)
  }
}
