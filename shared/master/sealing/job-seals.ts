/**
 * The seals of a master's jobs, as its parts have them. A master that seals fetches the code for that, and `jose`: others are
 * spared it.
 */
import { DroverError } from '../../contract/errors.ts'
import type { JobStorage } from '../storage/storage.ts'
import type { Seals, SealsPorts } from './seals.ts'
import { untilDone } from './until-done.ts'

/** Code that could not be fetched is asked for again after so long, and each time that a job wants to leave. */
const againMs = 5000

export class JobSeals {
  readonly #ports: SealsPorts
  readonly #fetch: () => Promise<Seals>
  #loaded: Seals | undefined
  #problem: DroverError | undefined
  /** Each ends a pause. */
  readonly #wakes = new Set<() => void>()
  #isEnded = false
  #pauses = 0

  constructor(ports: SealsPorts) {
    this.#ports = ports
    this.#fetch = untilDone(() => this.#load())
    this.#start()
  }

  /** The names of the keys that jobs are sealed to now; empty until they were read. */
  get recipients(): readonly string[] {
    return this.#loaded?.recipients ?? []
  }

  /** Why no keys are there, or why they stay as they were. */
  get problem(): DroverError | undefined {
    return this.#loaded === undefined ? this.#problem : this.#loaded.problem
  }

  /** Whether jobs that are stored show as sealed to the next master, since nothing keeps a key for them. */
  get isUnkept(): boolean {
    return this.#loaded?.isUnkept ?? false
  }

  #start(): void {
    const { isOver, timeouts } = this.#ports
    this.#fetch().catch(() => {
      if (!isOver()) timeouts.set('seal', againMs, () => this.#start())
    })
  }

  async #load(): Promise<Seals> {
    try {
      const { Seals } = await import('./seals.ts')
      this.#loaded = new Seals(this.#ports)
      return this.#loaded
    } catch (cause) {
      const found = 'The code that seals cannot be loaded: reload the page if this does not pass'
      this.#problem = new DroverError('keys_unavailable', found, { cause })
      this.#ports.changes.tell({ type: 'seal' })
      throw this.#problem
    }
  }

  /** As `Seals.seal`. */
  async seal(...job: Parameters<Seals['seal']>): ReturnType<Seals['seal']> {
    return (await this.#fetch()).seal(...job)
  }

  /** As `Seals.open`. A reply waits for keys that are away: it was acknowledged to nobody yet. */
  open(...reply: Parameters<Seals['open']>): ReturnType<Seals['open']> {
    return this.#once(seals => seals.open(...reply))
  }

  /** Nothing waits for keys any more: this master ends. */
  end(): void {
    this.#isEnded = true
    for (const wake of this.#wakes) wake()
  }

  /** Does it as soon as the code and the keys for it can be had. @throws when it fails otherwise, or this master ends before */
  async #once<T>(act: (seals: Seals) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await act(await this.#fetch())
      } catch (error) {
        const passes = error instanceof DroverError && error.code === 'keys_unavailable'
        if (!passes || this.#isEnded || this.#ports.isOver()) throw error
      }
      await this.#pause()
    }
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wakes.add(resolve)
    this.#ports.timeouts.set(`sealed ${++this.#pauses}`, againMs, resolve)
    await promise
    this.#wakes.delete(resolve)
  }

  /**
   * A storage in which sealed jobs lie sealed.
   * @param isKept whether it outlives this master; one that ends with it, in whose memory the jobs are open, gets them so
   */
  storage(storage: JobStorage, isKept: boolean): JobStorage {
    return {
      load: async () => {
        const stored = await storage.load()
        const isAnySealed = stored.jobs.some(({ unopened }) => unopened !== undefined)
        if (!isKept || !isAnySealed) return stored
        // Without its key a job would go on closed, and so would its outcome
        return { ...stored, jobs: await this.#once(seals => seals.opened(stored.jobs)) }
      },
      write: async changes => {
        for (const requestId of changes.remove) this.#loaded?.forget(requestId)
        const put = isKept ? await (await this.#fetch()).closed(changes.put) : changes.put
        return (await storage.write({ ...changes, put })) ?? []
      },
      ...(storage.erase === undefined ? {} : { erase: () => storage.erase!() }),
      close: () => storage.close(),
    }
  }
}
