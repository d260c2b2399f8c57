/**
 * The jobs of a master: every event to a job passes `apply`, which stores the new state, tells the handle, keeps the
 * deadlines and says what is to be published. Design section 5.
 */

import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import type { AnyTask, Reply } from '../../contract/mod.ts'
import { toWireError } from '../errors.ts'
import type { JobStorage } from '../storage/storage.ts'
import type { Timeouts } from '../timeouts.ts'
import { type FleetHandle, fleetHandle } from './broadcast-handle.ts'
import { JobFeed } from './job-feed.ts'
import { type JobHandle, jobHandle } from './job-handle.ts'
import { JobIndex } from './job-index.ts'
import { JobStore } from './job-store.ts'
import { Rosterless, rosterMs } from './rosterless.ts'
import { type JobNews, type JobState, mayHaveLeft } from './state/job.ts'
import type { JobEvent } from './state/reduce.ts'
import type { Step } from './state/reply.ts'
import type { RetentionLimits } from './state/retention.ts'

/** How long a worker that has a job takes at most to answer its cancel. */
const cancelAnswerMs = 2000
/** How long until they are told again. */
const cancelAgainMs = 8000

export interface JobsPorts {
  readonly clock: Clock
  readonly timeouts: Timeouts
  readonly storage: JobStorage
  readonly keepEnded: number
  readonly keepOfEach: RetentionLimits
  readonly awayGraceMs: number
  /** Whether something about a job, which may have left, may be waiting unread. */
  readonly mayHaveNews: (requestId: string) => boolean
  /** A worker's name, where presence told it. */
  readonly nameOf: (workerId: string) => string | undefined
  readonly publishCancel: (requestId: string, task: string, reason: string | undefined) => void
  /** Gives a job the roster of its task, where that is known. */
  readonly tellRoster: (requestId: string) => void
  readonly onEnded: (requestId: string) => void
  readonly onChange: (requestId: string) => void
  readonly onStorage: () => void
}

interface Held {
  readonly feed: JobFeed
  readonly handle: JobHandle | FleetHandle
}

export class Jobs {
  readonly book: JobIndex
  readonly journal: JobStore
  readonly #ports: JobsPorts
  readonly #held = new Map<string, Held>()
  /** What is to be told of jobs whose end does not show yet. */
  readonly #untold = new Map<string, JobNews[]>()
  /** Past their timeout, and not decided: what waits for this master is to be read first. */
  readonly #overdue = new Set<string>()
  readonly #rosterless = new Rosterless()
  #detached: string | undefined

  constructor(ports: JobsPorts) {
    this.#ports = ports
    this.book = new JobIndex(ports.keepEnded, ports.keepOfEach)
    this.journal = new JobStore(ports.storage, ports.clock, (problem, lost) => this.#onStorage(problem, lost))
  }

  /** A new job. @param onStored called once it may leave */
  add(state: JobState, task: AnyTask | undefined, onStored: () => void): Held {
    this.book.add(state)
    this.#setDeadline(state.request_id, state.timeout_ms)
    this.journal.put(state, onStored)
    return this.#hold(state, task)
  }

  /** Open jobs that may have left already. */
  mayHaveLeft(): ReadonlySet<string> {
    const left = new Set<string>()
    for (const job of this.book.openJobs()) if (mayHaveLeft(job)) left.add(job.request_id)
    return left
  }

  /** Those of some jobs of which the broker has confirmed that they left, and that have not ended. */
  sentOf(requestIds: Iterable<string>): JobState[] {
    const sent: JobState[] = []
    for (const requestId of requestIds) {
      const job = this.book.jobs.get(requestId)
      if (job !== undefined && job.phase.at !== 'ended' && job.phase.at !== 'unsent') sent.push(job)
    }
    return sent
  }

  /** A job from storage. */
  restore(state: JobState): void {
    this.book.add(state)
    if (state.phase.at === 'ended') return
    this.#rosterless.wasAway(state)
    // The clock may have jumped since: the job has neither more time than it was given, nor less than none.
    const remaining = state.created_at + state.timeout_ms - this.#now()
    this.#setDeadline(state.request_id, Math.min(state.timeout_ms, Math.max(0, remaining)))
  }

  apply(requestId: string, event: JobEvent): void {
    const before = this.book.latest(requestId)
    const step = this.book.apply(requestId, event)
    if (step !== undefined) this.#after(before, step)
  }

  /**
   * It leaves.
   * @param unordered why its priority may not count, which its reader is told
   * @param run of the broker, where it says that
   */
  tried(requestId: string, unordered: string | undefined, run: string | undefined): void {
    const notice =
      unordered === undefined ? undefined : ({ type: 'priority', message: unordered, at: this.#now() } as const)
    this.apply(requestId, { type: 'tried', notice, run })
  }

  /** @param onStored called once the reply is stored. @returns what became of it; `onStored` is not called for `unknown` */
  applyReply(reply: Reply, onStored: () => void): 'applied' | 'repeated' | 'unknown' {
    const before = this.book.latest(reply.request_id)
    const step = this.book.apply(reply.request_id, {
      type: 'reply',
      reply,
      at: this.#now(),
      name: reply.worker_id === undefined ? undefined : this.#ports.nameOf(reply.worker_id),
    })
    if (step === undefined) return 'unknown'
    this.#after(before, step, onStored)
    return step.state === before ? 'repeated' : 'applied'
  }

  handleOf(requestId: string): JobHandle | FleetHandle | undefined {
    const state = this.book.jobs.get(requestId)
    return state === undefined ? undefined : this.#hold(state, undefined).handle
  }

  forget(requestId: string): void {
    const state = this.book.jobs.get(requestId)
    if (state === undefined) {
      if (this.journal.hasUnread(requestId)) this.journal.remove(requestId)
      return
    }
    if (state.phase.at !== 'ended') {
      throw new DroverError('config_invalid', `Job ${requestId} has no outcome yet; cancel it first`)
    }
    this.book.remove(requestId)
    this.#drop(requestId)
  }

  /** Ended jobs past the number that is kept go, in storage too. */
  letGoOfSurplus(): void {
    const surplus = this.book.removeSurplus()
    for (const requestId of surplus) this.#drop(requestId)
    if (surplus.length > 0) this.journal.letGo(this.book.letGo)
  }

  /** ms until its timeout. */
  remaining({ request_id, timeout_ms }: JobState): number {
    return this.#ports.timeouts.remaining(`job ${request_id}`) ?? timeout_ms
  }

  /** What waited is read: whatever is past its timeout ends now. */
  decideOverdue(): void {
    for (const requestId of [...this.#overdue]) this.#timeOut(requestId)
  }

  /** The workers have been told of the cancel: whoever has the job says so soon. */
  cancelSent(requestId: string): void {
    if (this.book.latest(requestId)?.phase.at !== 'cancelling') return
    this.#ports.timeouts.set(`cancel ${requestId}`, cancelAnswerMs, () => {
      this.apply(requestId, { type: 'cancel_unanswered', at: this.#now() })
      this.#ports.tellRoster(requestId) // who has it may be gone
      this.#repeatCancel(requestId)
    })
  }

  /** Whoever has the job may have been cut off when the workers were told. */
  #repeatCancel(requestId: string): void {
    const job = this.book.latest(requestId)
    if (job?.phase.at !== 'cancelling') return
    const { task, phase } = job
    this.#ports.timeouts.set(`cancel ${requestId}`, cancelAgainMs, () =>
      this.#ports.publishCancel(requestId, task, phase.reason),
    )
  }

  /** Every handle lets go of its job, now and later. */
  detach(reason: string): void {
    for (const requestId of this.book.unshown()) this.#show(requestId) // its outcome is known
    this.#detached = reason
    for (const { feed } of this.#held.values()) feed.detach(reason)
  }

  #now(): number {
    return this.#ports.clock.now()
  }

  #setDeadline(requestId: string, ms: number): void {
    this.#ports.timeouts.set(`job ${requestId}`, ms, () => this.#onTimeout(requestId))
  }

  #onTimeout(requestId: string): void {
    const job = this.book.jobs.get(requestId)
    const mayHaveNews = job !== undefined && mayHaveLeft(job) && this.#ports.mayHaveNews(requestId)
    if (mayHaveNews && !this.#overdue.has(requestId)) {
      this.#overdue.add(requestId)
      this.#rosterless.wasAway(job)
      this.#setDeadline(requestId, this.#ports.awayGraceMs)
    } else this.#timeOut(requestId)
  }

  #timeOut(requestId: string): void {
    this.#overdue.delete(requestId)
    if (this.#rosterless.mayBeAnswered(requestId, this.book.latest(requestId))) this.#setDeadline(requestId, rosterMs)
    else this.apply(requestId, { type: 'timeout', at: this.#now() })
  }

  /** What follows from a change of a job's state. */
  #after(before: JobState | undefined, { state, news, publishCancel }: Step, onStored?: () => void): void {
    const { request_id, task, phase } = state
    if (state === before) {
      // Of a repeated reply the first may be on its way to storage still.
      if (onStored !== undefined) this.journal.after(request_id, onStored)
    } else if (this.book.jobs.get(request_id) === state) {
      this.journal.put(state, onStored)
      this.#tell(state, news)
    } else {
      if (before?.phase.at !== 'ended') this.#onEnded(request_id)
      this.#untold.set(request_id, [...(this.#untold.get(request_id) ?? []), ...news])
      this.journal.put(state, onStored, () => this.#show(request_id))
    }
    if (publishCancel) this.#ports.publishCancel(request_id, task, phase.at === 'cancelling' ? phase.reason : undefined)
  }

  #tell(state: JobState, news: readonly JobNews[]): void {
    this.#held.get(state.request_id)?.feed.update(state, news)
    this.#ports.onChange(state.request_id)
  }

  /** That it has ended is stored, or cannot be: what shows once would show again otherwise, after a crash. */
  #show(requestId: string): void {
    const state = this.book.show(requestId)
    const news = this.#untold.get(requestId) ?? []
    this.#untold.delete(requestId)
    if (state === undefined) return
    this.#tell(state, news)
    this.letGoOfSurplus()
  }

  #onEnded(requestId: string): void {
    this.#ports.timeouts.delete(`job ${requestId}`)
    this.#ports.timeouts.delete(`cancel ${requestId}`)
    this.#overdue.delete(requestId)
    this.#rosterless.ended(requestId)
    this.#ports.onEnded(requestId)
  }

  #drop(requestId: string): void {
    this.#held.delete(requestId)
    this.journal.remove(requestId)
    this.#ports.onChange(requestId)
  }

  #onStorage(problem: DroverError | undefined, lost: readonly JobState[]): void {
    this.#ports.onStorage()
    if (problem === undefined) return
    const error = toWireError(problem)
    for (const job of lost) {
      const { request_id } = job
      // It is not stored, so it must not leave: whoever dispatched it hears so now instead of at its timeout.
      if (mayHaveLeft(job)) continue
      this.apply(request_id, { type: 'refused', error, at: this.#now() })
      if (this.journal.isStuck(request_id)) this.journal.remove(request_id) // it shows here, and can be kept nowhere
    }
  }

  #hold(state: JobState, task: AnyTask | undefined): Held {
    const known = this.#held.get(state.request_id)
    if (known !== undefined) return known
    const feed = new JobFeed(state, this.#ports.clock)
    if (this.#detached !== undefined) feed.detach(this.#detached)
    const cancel = (requestId: string, reason?: string) =>
      this.apply(requestId, { type: 'cancel', reason, at: this.#now() })
    const handle = state.mode === 'queue' ? jobHandle(feed, task, cancel) : fleetHandle(feed, task, cancel)
    const held = { feed, handle }
    this.#held.set(state.request_id, held)
    return held
  }
}
