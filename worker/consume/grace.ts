/**
 * How long slots let something be before they act on it. Half of it lies between two looks: they act on a state that the second
 * one still finds. Doubled while jobs are published again, and halved while none is.
 */
import type { Clock } from '../../shared/clock.ts'

const shortestMs = 50
const longestMs = 2_500
const halvedAfterMs = 10_000

export class Grace {
  readonly #clock: Pick<Clock, 'steady'>
  #halfMs = shortestMs
  /** When it became so long, by the steady clock. */
  #since = 0

  constructor(clock: Pick<Clock, 'steady'>) {
    this.#clock = clock
  }

  /** How long to wait for the next look. */
  get halfMs(): number {
    const times = Math.floor((this.#clock.steady() - this.#since) / halvedAfterMs)
    if (times > 0 && this.#halfMs > shortestMs) this.#set(Math.max(shortestMs, this.#halfMs / 2 ** times))
    return this.#halfMs
  }

  /** A job that is published again makes room for the next: the more that come, the slower they are turned round. */
  double(): void {
    this.#set(this.#halfMs * 2)
  }

  #set(ms: number): void {
    this.#halfMs = Math.min(ms, longestMs)
    this.#since = this.#clock.steady()
  }
}
