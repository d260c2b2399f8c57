/**
 * Writes to storage, one write at a time: what changes while one is under way goes into the next, each job once, so
 * that a slow disk makes larger writes and not a longer queue.
 */
import { DroverError } from '../contract/errors.ts'
import type { Clock } from './clock.ts'
import type { JobState } from './state/job.ts'
import type { Changes, JobStorage } from './storage/storage.ts'

const retryMs = 1000

export class Journal {
  readonly #storage: JobStorage
  readonly #clock: Clock
  readonly #onState: (problem: DroverError | undefined, lost: readonly JobState[]) => void
  #put = new Map<string, JobState>()
  #remove = new Set<string>()
  #masterId: string | undefined
  #waiting: (() => void)[] = []
  #running: Promise<void> | undefined
  #isStarted = false
  #isClosed = false
  #wake: (() => void) | undefined
  /** Why the latest write failed; it is tried again. */
  problem: DroverError | undefined

  /** @param onState told when a write fails, with what it was to put, and `undefined` when one works again */
  constructor(
    storage: JobStorage,
    clock: Clock,
    onState: (problem: DroverError | undefined, lost: readonly JobState[]) => void,
  ) {
    this.#storage = storage
    this.#clock = clock
    this.#onState = onState
  }

  /** Storage was read: what changed since is written. */
  start(masterId: string): void {
    this.#isStarted = true
    this.#masterId = masterId
    this.#run()
  }

  /** @param onStored called once this state, or a later one of the job, is stored */
  put(state: JobState, onStored?: () => void): void {
    this.#put.set(state.request_id, state)
    this.#remove.delete(state.request_id)
    if (onStored !== undefined) this.#waiting.push(onStored)
    this.#run()
  }

  remove(requestId: string): void {
    this.#put.delete(requestId)
    this.#remove.add(requestId)
    this.#run()
  }

  /** Calls `done` once all that was put so far is stored: at once, mostly. */
  after(done: () => void): void {
    if (this.#running === undefined && this.#put.size === 0) done()
    else {
      this.#waiting.push(done)
      this.#run()
    }
  }

  /** Writes what there is, once more where it failed, and ends. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#wake?.()
    while (this.#running !== undefined) await this.#running
    this.#isStarted = false // what comes now waits for nobody: the storage may be another master's from here on
    await this.#storage.close()
  }

  #run(): void {
    if (!this.#isStarted) return
    this.#running ??= this.#write().finally(() => {
      this.#running = undefined
      // What was put after the last look and before now found somebody running.
      if (this.#hasWork() && !(this.#isClosed && this.problem !== undefined)) this.#run()
    })
  }

  #hasWork(): boolean {
    return this.#masterId !== undefined || this.#put.size + this.#remove.size + this.#waiting.length > 0
  }

  async #write(): Promise<void> {
    while (this.#hasWork()) {
      const [put, remove, waiting, masterId] = [this.#put, this.#remove, this.#waiting, this.#masterId]
      this.#put = new Map()
      this.#remove = new Set()
      this.#waiting = []
      this.#masterId = undefined
      try {
        const changes: Changes = { put: [...put.values()], remove: [...remove] }
        await this.#storage.write(masterId === undefined ? changes : { ...changes, master_id: masterId })
        this.#say(undefined, [])
        for (const done of waiting) done()
      } catch (cause) {
        this.#putBack(put, remove, waiting, masterId)
        this.#say(toStorageError(cause), [...put.values()])
        if (this.#isClosed) return
        await this.#pause()
      }
    }
  }

  #putBack(
    put: Map<string, JobState>,
    remove: Set<string>,
    waiting: (() => void)[],
    masterId: string | undefined,
  ): void {
    for (const [id, state] of put) if (!this.#put.has(id) && !this.#remove.has(id)) this.#put.set(id, state)
    for (const id of remove) if (!this.#put.has(id)) this.#remove.add(id)
    this.#waiting = [...waiting, ...this.#waiting]
    this.#masterId ??= masterId
  }

  #say(problem: DroverError | undefined, lost: readonly JobState[]): void {
    if (problem === undefined && this.problem === undefined) return
    this.problem = problem
    this.#onState(problem, lost)
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
