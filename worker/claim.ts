/** A job that this worker holds: from the moment it takes it until its outcome is made, or it is published again. */
import type { Job } from '../shared/contract/mod.ts'
import type { Implementation } from './implement.ts'
import type { JobOrigin } from './job-headers.ts'
import type { Replies, ReplyFields } from './replies.ts'
import type { Handed, Occupant } from './slots.ts'

/** Why a run is told to stop. */
export interface Stopped {
  readonly why: 'cancelled' | 'timed_out' | 'shutdown'
  readonly reason?: string | undefined
}

export interface Claim extends Occupant, JobOrigin {
  readonly implementation: Implementation
  readonly body: string
  readonly stop: AbortController
  /** Its first reply of this attempt comes next. For a broadcast, which is retried in place, attempts grow here. */
  job: Job
  replies: Replies
  /** What settles it: the latest, since a connection that is gone takes its ack ids along. Absent for a broadcast. */
  handed: Handed | undefined
  /** `waiting` for a slot, `running` in one, `resting` until the next attempt. */
  phase: 'waiting' | 'running' | 'resting'
  stopped: Stopped | undefined
  lastProgress: ReplyFields | undefined
  /** Ends the timer of its deadline. */
  clearDeadline(): void
}

/** The jobs that a worker holds, by `request_id`. */
export class Claims {
  readonly #claims = new Map<string, Claim>()
  readonly #ofQueue = new Map<string, number>()
  #emptied: (() => void)[] = []

  get(requestId: string): Claim | undefined {
    return this.#claims.get(requestId)
  }

  get size(): number {
    return this.#claims.size
  }

  /** Those that a task's queue handed out. */
  inHand(task: string): number {
    return this.#ofQueue.get(task) ?? 0
  }

  add(claim: Claim): void {
    this.#claims.set(claim.requestId, claim)
    this.#count(claim, 1)
  }

  /** @returns whether it was held */
  remove(claim: Claim): boolean {
    if (this.#claims.get(claim.requestId) !== claim) return false
    this.#claims.delete(claim.requestId)
    this.#count(claim, -1)
    claim.clearDeadline()
    if (this.#claims.size === 0) for (const resolve of this.#emptied.splice(0)) resolve()
    return true
  }

  /** Resolves when none is held. */
  async empty(): Promise<void> {
    if (this.#claims.size > 0) await new Promise<void>(resolve => this.#emptied.push(resolve))
  }

  [Symbol.iterator](): IterableIterator<Claim> {
    return this.#claims.values()
  }

  #count({ mode, task }: Claim, added: number): void {
    if (mode === 'queue') this.#ofQueue.set(task, this.inHand(task) + added)
  }
}
