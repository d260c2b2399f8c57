/**
 * Reads of the store, and those that failed: each is tried again every second, by itself, until it can be read or its message is
 * gone. Meanwhile nothing overtakes it, and its place takes no message that is to be kept.
 */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import type { Disk, KeptMessage } from './port.ts'

export interface ReadsOptions {
  readonly disk: Disk
  readonly clock: Clock
  /** Called once for each message. */
  readonly onFailed: (failure: DroverError) => void
  /** All can be read again. */
  readonly onMended: () => void
}

interface Failed {
  readonly place: string
  readonly failure: DroverError
  readonly retry: () => void
}

/** How soon after a failure it is tried again. */
export const retryMs = 1_000

export class Reads {
  readonly #options: ReadsOptions
  readonly #failed = new Map<number, Failed>()
  #stopTimer: (() => void) | undefined

  constructor(options: ReadsOptions) {
    this.#options = options
  }

  get areFailing(): boolean {
    return this.#failed.size > 0
  }

  /** Why no message that is to be kept is taken there. */
  failureAt(place: string): DroverError | undefined {
    for (const failed of this.#failed.values()) if (failed.place === place) return failed.failure
    return undefined
  }

  /**
   * Reads a message.
   * @param place where it waits
   * @param retry called when it can be read, after it could not
   * @returns `undefined` when it cannot be read now
   */
  read(row: number, place: string, retry: () => void): KeptMessage | undefined {
    if (this.#failed.has(row)) return undefined
    try {
      return this.#options.disk.read(row)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const words = `The broker cannot read a message of ${place} now: ${why}`
      const failure = new DroverError('store_failed', words, { cause: error })
      this.#failed.set(row, { place, failure, retry })
      this.#arm()
      this.#options.onFailed(failure)
      return undefined
    }
  }

  /** Its message is done with. */
  forget(row: number): void {
    if (this.#failed.delete(row) && !this.areFailing) this.#options.onMended()
  }

  close(): void {
    this.#stopTimer?.()
  }

  #arm(): void {
    this.#stopTimer ??= this.#options.clock.timer(retryMs, () => {
      this.#stopTimer = undefined
      this.#retry()
    })
  }

  #retry(): void {
    const mended: Failed[] = []
    for (const [row, failed] of this.#failed) {
      try {
        this.#options.disk.read(row)
      } catch {
        continue // told when it failed first
      }
      this.#failed.delete(row)
      mended.push(failed)
    }
    if (this.areFailing) this.#arm()
    else if (mended.length > 0) this.#options.onMended()
    for (const { retry } of mended) retry()
  }
}
