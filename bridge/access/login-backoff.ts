import { DroverError } from '../../shared/contract/errors.ts'

/** Wrong passwords before waits begin. */
export const freeFailures = 5
const firstWaitMs = 1_000
const maxWaitMs = 60_000
/** Wrong passwords are forgotten after this long without one. */
const forgetMs = 15 * 60_000

/** Tries at a password that are counted together, and the wait that follows from them. */
export class LoginBackoff {
  readonly #now: () => number
  #wrong = 0
  /** Nothing is tried before it. */
  #notBeforeMs = Number.NEGATIVE_INFINITY
  /** Under way. */
  pending = 0
  /** Called when one that was under way ends. */
  readonly queue: (() => void)[] = []

  /** @param now steady, in ms */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Wrong ones, in a row. */
  get wrong(): number {
    return this.#wrong
  }

  /** @throws {DroverError} `too_many_attempts` while they have to wait */
  check(): void {
    const now = this.#now()
    if (now - this.#notBeforeMs > forgetMs) this.#wrong = 0
    const waitMs = this.#notBeforeMs - now
    if (waitMs <= 0) return
    const seconds = Math.ceil(waitMs / 1000)
    throw new DroverError(
      'too_many_attempts',
      `Too many wrong passwords for this login; wait ${seconds} s and try again`,
    )
  }

  failed(): void {
    this.#wrong++
    const doublings = this.#wrong - freeFailures
    this.#notBeforeMs = this.#now() + (doublings < 0 ? 0 : Math.min(maxWaitMs, firstWaitMs * 2 ** doublings))
  }

  succeeded(): void {
    this.#wrong = 0
    this.#notBeforeMs = Number.NEGATIVE_INFINITY
  }
}
