/**
 * Writes to storage, one write at a time: changes during one go into the next, each job once, so that a slow disk makes
 * larger writes and not a longer queue. A job that cannot be stored waits by itself.
 */

import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { callEach } from '../../stomp/mod.ts'
import type { Changes, JobStorage, Stored, Unread, Unstored } from '../storage/storage.ts'
import type { LetGo } from './ended.ts'
import type { JobState } from './state/job.ts'
import { UnstoredJobs, unreadError, type Waiting } from './unstored-jobs.ts'

const retryMs = 1000
const longestRetryMs = 60_000
/** A write that takes longer keeps nobody waiting: its jobs show as they are, and so does the fault of the storage. */
const slowMs = 5000

/** The changes of one write. */
class Batch {
  readonly put: Map<string, JobState> = new Map()
  readonly remove: Set<string> = new Set()
  /** Called once it is stored. */
  stored: Waiting[] = []
  /** Called once storing it was tried, however that went. */
  tried: (() => void)[] = []
  masterId: string | undefined
  letGo: LetGo | undefined

  get isEmpty(): boolean {
    const { put, remove, stored, tried, masterId, letGo } = this
    return put.size + remove.size + stored.length + tried.length === 0 && masterId === undefined && letGo === undefined
  }

  changes(): Changes {
    const { put, remove, masterId, letGo } = this
    return {
      put: [...put.values()],
      remove: [...remove],
      ...(masterId === undefined ? {} : { master_id: masterId }),
      ...(letGo === undefined ? {} : { let_go: letGo }),
    }
  }

  /** Takes in an earlier batch. The states that are here already are newer. */
  precede({ put, remove, stored, tried, masterId, letGo }: Batch): void {
    for (const [id, state] of put) if (!this.put.has(id) && !this.remove.has(id)) this.put.set(id, state)
    for (const id of remove) if (!this.put.has(id)) this.remove.add(id)
    this.stored = [...stored, ...this.stored]
    this.tried = [...tried, ...this.tried]
    this.masterId ??= masterId
    this.letGo ??= letGo
  }
}

export interface JobStorePorts {
  readonly storage: JobStorage
  readonly clock: Clock
}

export interface StorageListener {
  /** A write failed, or works again. @param lost the jobs that could not be stored */
  storageChanged(problem: DroverError | undefined, lost: readonly JobState[]): void
}

export class JobStore {
  readonly #storage: JobStorage
  readonly #clock: Clock
  readonly #listeners: StorageListener[] = []
  readonly #unstored = new UnstoredJobs()
  #next = new Batch()
  #unread: readonly Unread[] = []
  #unreadProblem: DroverError | undefined
  #running: Promise<void> | undefined
  #isStarted = false
  #isClosed = false
  #wake: (() => void) | undefined
  #stopRetry: (() => void) | undefined
  #retryMs = retryMs
  /** Why the latest write stored nothing; it is tried again. */
  #failure: DroverError | undefined
  #told: DroverError | undefined

  constructor({ storage, clock }: JobStorePorts) {
    this.#storage = storage
    this.#clock = clock
  }

  listen(listener: StorageListener): void {
    this.#listeners.push(listener)
  }

  /** The fault of storage at present. */
  get problem(): DroverError | undefined {
    return this.#failure ?? this.#unstored.problem ?? this.#unreadProblem
  }

  /** The jobs of an earlier run, and the entries that cannot be read. Nothing is written before `start`. */
  load(): Promise<Stored> {
    return this.#storage.load()
  }

  /** Storage was read: changes since then are written. */
  start(masterId: string, unread: readonly Unread[] = []): void {
    this.#isStarted = true
    this.#next.masterId = masterId
    this.#noteUnread(unread)
    if (unread.length > 0) this.#say(undefined)
    this.#run()
  }

  /**
   * @param onStored called once this state, or a later one of the job, is stored
   * @param onTried called once that was tried, however it went
   */
  put(state: JobState, onStored?: () => void, onTried?: () => void): void {
    const { request_id } = state
    if (this.#unstored.renew(state, onStored)) {
      if (onTried !== undefined) callEach([onTried])
      return
    }
    const next = this.#next
    next.put.set(request_id, state)
    next.remove.delete(request_id)
    if (onStored !== undefined) next.stored.push({ requestId: request_id, call: onStored })
    if (onTried !== undefined) {
      if (this.#failure === undefined) next.tried.push(onTried)
      else callEach([onTried]) // it was tried with those that wait
    }
    this.#run()
  }

  remove(requestId: string): void {
    this.#next.stored.push(...this.#unstored.remove(requestId)) // its replies are acknowledged all the same
    this.#next.put.delete(requestId)
    this.#next.remove.add(requestId)
    if (this.hasUnread(requestId)) this.#noteUnread(this.#unread.filter(({ request_id }) => request_id !== requestId))
    this.#run()
  }

  #noteUnread(unread: readonly Unread[]): void {
    this.#unread = unread
    this.#unreadProblem = unreadError(unread)
  }

  letGo(letGo: LetGo): void {
    this.#next.letGo = letGo
    this.#run()
  }

  /** Whether a job could not be stored by itself. */
  isUnstored(requestId: string): boolean {
    return this.#unstored.has(requestId)
  }

  /** Whether there is an entry about this job that could not be read. */
  hasUnread(requestId: string): boolean {
    return this.#unread.some(({ request_id }) => request_id === requestId)
  }

  /** Calls `done` once all that was put so far of a job is stored: at once, mostly. */
  after(requestId: string, done: () => void): void {
    if (this.#unstored.await(requestId, done)) return
    if (this.#running === undefined && this.#next.put.size === 0) done()
    else {
      this.#next.stored.push({ requestId, call: done })
      this.#run()
    }
  }

  /** Writes the changes that are left, once more where that failed, and ends. */
  async close(): Promise<void> {
    await this.#end()
    await this.#storage.close()
  }

  /** Ends, and lets go of all that is kept. @param known the jobs to remove where the storage has no `erase` */
  async erase(known: Iterable<string>): Promise<void> {
    await this.#end()
    try {
      if (this.#storage.erase === undefined) await this.#storage.write({ put: [], remove: [...known] })
      else await this.#storage.erase()
    } catch (cause) {
      throw toStorageError(cause)
    } finally {
      await this.#storage.close()
    }
  }

  async #end(): Promise<void> {
    this.#retry()
    this.#isClosed = true
    this.#wake?.()
    await this.#inTime(this.#written())
    this.#stopRetry?.()
    this.#isStarted = false // later changes are not written: the storage may be another master's from here on
  }

  async #written(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  /** A master that ends does not wait longer for a storage that gives no answer. */
  async #inTime(written: Promise<void>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const stop = this.#clock.timer(slowMs, resolve)
    await Promise.race([written, late])
    stop()
  }

  #run(): void {
    if (!this.#isStarted) return
    this.#running ??= this.#write().finally(() => {
      this.#running = undefined
      // A change between the last look and now found a write under way.
      if (!this.#next.isEmpty && !(this.#isClosed && this.#failure !== undefined)) this.#run()
    })
  }

  async #write(): Promise<void> {
    while (!this.#next.isEmpty) {
      const batch = this.#next
      this.#next = new Batch()
      let unstored: readonly Unstored[]
      const stopWatching = this.#clock.timer(slowMs, () => {
        this.#say(
          new DroverError('storage_failed', `Storage gives no answer for ${slowMs} ms; jobs wait until it does`),
        )
        callEach([...batch.tried.splice(0), ...this.#next.tried.splice(0)])
      })
      try {
        unstored = (await this.#storage.write(batch.changes())) ?? []
      } catch (cause) {
        stopWatching()
        const tried = batch.tried.splice(0)
        this.#next.precede(batch)
        this.#say(toStorageError(cause), [...batch.put.values()])
        callEach(tried)
        if (this.#isClosed) return
        await this.#pause()
        continue
      }
      stopWatching()
      this.#settle(batch, unstored)
    }
  }

  #settle(batch: Batch, unstored: readonly Unstored[]): void {
    const apart = this.#unstored.take(batch, this.#next, unstored)
    if (this.#unstored.size === 0) this.#retryMs = retryMs
    else if (apart.length > 0) this.#retryLater()
    this.#say(undefined, apart)
    callEach(batch.stored.map(({ call }) => call))
    callEach(batch.tried)
  }

  #say(failure: DroverError | undefined, lost: readonly JobState[] = []): void {
    const before = this.#told
    this.#failure = failure
    this.#told = this.problem
    if (lost.length === 0 && this.#told === before) return
    for (const listener of this.#listeners) listener.storageChanged(this.#told, lost)
  }

  #retryLater(): void {
    this.#stopRetry?.()
    this.#stopRetry = this.#clock.timer(this.#retryMs, () => this.#retry())
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2)
  }

  /** Jobs that could not be stored by themselves go into the next write again. */
  #retry(): void {
    const again = new Batch()
    this.#unstored.release(again)
    this.#next.precede(again)
    if (!this.#next.isEmpty) this.#run()
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = this.#clock.timer(retryMs, resolve)
    this.#wake = resolve
    await promise
    stop()
    this.#wake = undefined
  }
}

export function toStorageError(cause: unknown): DroverError {
  if (cause instanceof DroverError) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new DroverError('storage_failed', `Cannot store jobs: ${why}; replies wait with the broker until it works`, {
    cause,
  })
}
