/** Tells a double click, Enter pressed twice and a key held down from somebody who means it twice. */
import type { Clock } from '../shared/clock.ts'

/** From one press to the next, at most, for the second to be of the same. As long as the slowest double click and key repeat. */
const withinMs = 700

export class Repeats<T> {
  readonly #clock: Clock
  readonly #isSame: (a: T, b: T) => boolean
  #last: readonly T[] = []
  #at = Number.NEGATIVE_INFINITY

  /** @param isSame default: by identity */
  constructor(clock: Clock, isSame: (a: T, b: T) => boolean = Object.is) {
    this.#clock = clock
    this.#isSame = isSame
  }

  /** @returns whether the same was asked for just now, also when that was a repeat itself; otherwise it is noted */
  isRepeat(item: T): boolean {
    const now = this.#clock.steady()
    const isFresh = now - this.#at < withinMs
    this.#at = now
    if (!isFresh) this.#last = []
    if (this.#last.some(one => this.#isSame(one, item))) return true
    this.#last = [...this.#last, item]
    return false
  }
}
