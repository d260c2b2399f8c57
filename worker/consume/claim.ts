/** A job that this worker holds: from the moment it takes it until its outcome is made, or it is published again. */
import type { Job } from '../../shared/contract/mod.ts'
import type { Implementation } from '../implement.ts'
import type { JobOrigin } from '../settle/job-headers.ts'
import type { Replies, ReplyFields } from '../settle/replies.ts'
import type { Handed } from './handed.ts'
import type { Occupant } from './slots.ts'

/** Why a run is told to stop. */
export interface Stopped {
  readonly why: 'cancelled' | 'timed_out' | 'shutdown'
  readonly reason?: string | undefined
}

/** A job as it was delivered: one master waits for its outcome. Delivered again, the newer copy takes the place of the older. */
export interface Copy {
  /** Its headers, pass included, are those of the newest delivery: a bridge with another secret honours no older one. */
  readonly origin: JobOrigin
  readonly body: string
  /** What settles it. Absent for a broadcast. */
  readonly handed: Handed | undefined
  /** Which of the worker's connections brought it. */
  readonly connection: number
}

/** So many masters may wait for one job. */
export const maxCopies = 16

export interface Claim extends Occupant {
  readonly requestId: string
  /** By the steady clock, ms. */
  readonly deadlineAt: number
  readonly implementation: Implementation
  readonly stop: AbortController
  /** Never empty, one for each reply-to, the newest last. None is settled before the outcome, so that a worker that dies loses none. */
  copies: readonly Copy[]
  /** Its first reply of this attempt comes next. For a broadcast, which is retried in place, attempts grow here. */
  job: Job
  replies: Replies
  /** `waiting` for a slot, `running` in one, `resting` until the next attempt. */
  phase: 'waiting' | 'running' | 'resting'
  stopped: Stopped | undefined
  lastProgress: ReplyFields | undefined
  /** Each stops a timer that waits for its deadline, its next attempt or the like. */
  readonly timers: Set<() => void>
}

/** The copy that came last: its headers are the newest. */
export function newestOf({ copies }: Pick<Claim, 'copies'>): Copy {
  return copies.at(-1)!
}

/** What settles a claim. */
export function handedOf({ copies }: Pick<Claim, 'copies'>): Handed[] {
  return copies.flatMap(({ handed }) => handed ?? [])
}

/** The jobs that a worker holds, by `request_id`. */
export class Claims {
  readonly #claims = new Map<string, Claim>()
  readonly #ofQueue = new Map<string, number>()
  /** Those that leave soon, which are not counted. */
  readonly #leaving = new Set<Claim>()
  #emptied: (() => void)[] = []

  get(requestId: string): Claim | undefined {
    return this.#claims.get(requestId)
  }

  /** Whether it is this one that is held, and not another of its id, or none. */
  holds(claim: Claim): boolean {
    return this.#claims.get(claim.requestId) === claim
  }

  get size(): number {
    return this.#claims.size
  }

  /** Copies that a task's queue handed out, but for those that leave soon. */
  inHand(task: string): number {
    return this.#ofQueue.get(task) ?? 0
  }

  add(claim: Claim): void {
    this.#claims.set(claim.requestId, claim)
    this.#count(claim, 1)
  }

  /** Another copy of a job that is held: it takes the place of the one with its reply-to. @returns that one */
  take(claim: Claim, copy: Copy): Copy | undefined {
    const before = claim.copies.find(({ origin }) => origin.replyTo === copy.origin.replyTo)
    if (!this.#leaving.delete(claim)) this.#count(claim, -1)
    claim.copies = [...claim.copies.filter(other => other !== before), copy]
    this.#count(claim, 1)
    return before
  }

  /** @returns whether it was held */
  remove(claim: Claim): boolean {
    if (!this.holds(claim)) return false
    this.#claims.delete(claim.requestId)
    if (!this.#leaving.delete(claim)) this.#count(claim, -1)
    for (const stop of claim.timers) stop()
    if (this.#claims.size === 0) for (const resolve of this.#emptied.splice(0)) resolve()
    return true
  }

  /** It runs no longer and is published again soon: nothing is to be taken in the place of it meanwhile. */
  leavesSoon(claim: Claim): void {
    if (!this.holds(claim) || this.#leaving.has(claim)) return
    this.#leaving.add(claim)
    this.#count(claim, -1)
  }

  /** Resolves when none is held. */
  async empty(): Promise<void> {
    if (this.#claims.size > 0) await new Promise<void>(resolve => this.#emptied.push(resolve))
  }

  [Symbol.iterator](): IterableIterator<Claim> {
    return this.#claims.values()
  }

  #count(claim: Claim, sign: 1 | -1): void {
    const { task } = claim
    this.#ofQueue.set(task, this.inHand(task) + sign * handedOf(claim).length)
  }
}
