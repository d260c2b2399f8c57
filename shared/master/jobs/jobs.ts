/**
 * The jobs of a master: each change to one, and each reply, takes `#step`, which makes the next state, stores it and tells
 * the handle. Design section 5.
 */

import { DroverError } from '../../contract/errors.ts'
import type { AnyTask, Reply } from '../../contract/mod.ts'
import type { ChangeListeners } from '../changes.ts'
import { toWireError } from '../errors.ts'
import { type BroadcastHandle, broadcastHandle } from './broadcast-handle.ts'
import { JobFeed, type JobFeedPorts } from './job-feed.ts'
import { type JobHandle, jobHandle } from './job-handle.ts'
import type { JobIndex } from './job-index.ts'
import type { JobStore, StorageListener } from './job-store.ts'
import { type JobNews, type JobState, mayHaveLeft } from './state/job.ts'
import { type JobChange, reduceJob } from './state/reduce.ts'
import type { Step } from './state/reply.ts'
import { type RetentionLimits, trim } from './state/retention.ts'

export interface JobsPorts extends JobFeedPorts {
  readonly index: JobIndex
  readonly store: JobStore
  /** How much of each job is kept. */
  readonly limits: RetentionLimits
  readonly changes: ChangeListeners
}

/** Does something once a job ends or is cancelled. */
export interface JobListener {
  /** It has an outcome, which may not show yet. */
  ended?(requestId: string): void
  /** The worker that has it is to be told that nobody waits for it. */
  cancelled?(requestId: string, task: string, reason: string | undefined): void
}

/** A job on the side of the code that dispatched it. */
export interface HandledJob {
  readonly feed: JobFeed
  readonly handle: JobHandle | BroadcastHandle
}

export class Jobs implements StorageListener {
  readonly #ports: JobsPorts
  readonly #listeners: JobListener[] = []
  readonly #handled = new Map<string, HandledJob>()
  /** The news of jobs whose end does not show yet. */
  readonly #untold = new Map<string, JobNews[]>()
  #detached: string | undefined

  constructor(ports: JobsPorts) {
    this.#ports = ports
    ports.store.listen(this)
  }

  listen(listener: JobListener): void {
    this.#listeners.push(listener)
  }

  /** A new job, as it begins. */
  add(state: JobState, task: AnyTask | undefined): HandledJob {
    this.#ports.index.add(state)
    return this.#handle(state, task)
  }

  /** A job from storage. */
  restore(state: JobState): void {
    this.#ports.index.add(trim(state, this.#ports.limits))
  }

  apply(requestId: string, change: JobChange): void {
    const before = this.#ports.index.latest(requestId)
    if (before !== undefined) this.#step(before, change)
  }

  cancel(requestId: string, reason?: string): void {
    this.apply(requestId, { type: 'cancel', reason, at: this.#now() })
  }

  /** It cannot be sent, now or later. */
  refuse(requestId: string, why: unknown): void {
    this.apply(requestId, { type: 'refused', error: toWireError(why), at: this.#now() })
  }

  /**
   * @param name the worker's, where presence told it
   * @param onStored called once the reply is stored
   * @returns how it was taken; `onStored` is not called for `unknown`
   */
  receive(reply: Reply, name: string | undefined, onStored: () => void): 'applied' | 'repeated' | 'unknown' {
    const before = this.#ports.index.latest(reply.request_id)
    if (before === undefined) return 'unknown'
    const after = this.#step(before, { type: 'reply', reply, at: this.#now(), name }, onStored)
    return after === before ? 'repeated' : 'applied'
  }

  handleOf(requestId: string): JobHandle | BroadcastHandle | undefined {
    return this.handledOf(requestId)?.handle
  }

  /** A known job, on the side of the code that dispatches it again. @param task parses its output, unless one did before */
  handledOf(requestId: string, task?: AnyTask): HandledJob | undefined {
    const state = this.#ports.index.shown.get(requestId)
    return state === undefined ? undefined : this.#handle(state, task)
  }

  forget(requestId: string): void {
    const { index, store } = this.#ports
    const state = index.shown.get(requestId)
    if (state === undefined) {
      if (store.hasUnread(requestId)) store.remove(requestId)
      return
    }
    if (state.phase.at !== 'ended') {
      throw new DroverError('config_invalid', `Job ${requestId} has no outcome yet; cancel it first`)
    }
    index.remove(requestId)
    this.#drop(requestId)
  }

  /** Ended jobs past the number that is kept go, in storage too. */
  letGoOfSurplus(): void {
    const { index, store } = this.#ports
    const surplus = index.removeSurplus()
    for (const requestId of surplus) this.#drop(requestId)
    if (surplus.length > 0) store.letGo(index.letGo)
  }

  /** Every handle lets go of its job, now and later. */
  detach(reason: string): void {
    for (const requestId of this.#ports.index.unshown()) this.#show(requestId) // its outcome is known
    this.#detached = reason
    for (const { feed } of this.#handled.values()) feed.detach(reason)
  }

  storageChanged(problem: DroverError | undefined, lost: readonly JobState[]): void {
    const { changes, store } = this.#ports
    changes.tell({ type: 'storage' })
    if (problem === undefined) return
    for (const job of lost) {
      const { request_id } = job
      // It is not stored, so it must not leave: its handle hears so now, and not at its timeout.
      if (mayHaveLeft(job)) continue
      this.refuse(request_id, problem)
      if (store.isUnstored(request_id)) store.remove(request_id) // it shows here, and can be kept nowhere
    }
  }

  #now(): number {
    return this.#ports.clock.now()
  }

  /** @returns the state after the change */
  #step(before: JobState, change: JobChange, onStored?: () => void): JobState {
    const { index, store, limits } = this.#ports
    const { state, news, publishCancel }: Step = reduceJob(before, change, limits)
    const { request_id, task, phase } = state
    if (state === before) {
      // Of a repeated reply the first may be on its way to storage still.
      if (onStored !== undefined) store.after(request_id, onStored)
    } else if (index.update(state)) {
      store.put(state, onStored)
      this.#tell(state, news)
    } else {
      if (before.phase.at !== 'ended') for (const listener of this.#listeners) listener.ended?.(request_id)
      this.#untold.set(request_id, [...(this.#untold.get(request_id) ?? []), ...news])
      store.put(state, onStored, () => this.#show(request_id))
    }
    const reason = phase.at === 'cancelling' ? phase.reason : undefined
    if (publishCancel) for (const listener of this.#listeners) listener.cancelled?.(request_id, task, reason)
    return state
  }

  #tell(state: JobState, news: readonly JobNews[]): void {
    this.#handled.get(state.request_id)?.feed.update(state, news)
    this.#ports.changes.tell({ type: 'job', request_id: state.request_id })
  }

  /** Its end is stored, or cannot be. An end that shows earlier would show twice, should this master crash between. */
  #show(requestId: string): void {
    const state = this.#ports.index.show(requestId)
    const news = this.#untold.get(requestId) ?? []
    this.#untold.delete(requestId)
    if (state === undefined) return
    this.#tell(state, news)
    this.letGoOfSurplus()
  }

  #drop(requestId: string): void {
    const { changes, store } = this.#ports
    this.#handled.get(requestId)?.feed.letGo()
    this.#handled.delete(requestId)
    store.remove(requestId)
    changes.tell({ type: 'job', request_id: requestId })
  }

  #handle(state: JobState, task: AnyTask | undefined): HandledJob {
    const known = this.#handled.get(state.request_id)
    if (known !== undefined) return known
    const feed = new JobFeed(state, this.#ports)
    if (this.#detached !== undefined) feed.detach(this.#detached)
    const handle = state.mode === 'queue' ? jobHandle(feed, task, this) : broadcastHandle(feed, task, this)
    const handled = { feed, handle }
    this.#handled.set(state.request_id, handled)
    return handled
  }
}
