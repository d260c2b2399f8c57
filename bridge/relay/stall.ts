/** Tells a reader that takes nothing from one that is slow. Promise 8. */
export class Stall {
  readonly stalledMs: number
  #lowestUnsent = 0
  #stillMs = 0

  constructor(stalledMs: number) {
    this.stalledMs = stalledMs
  }

  /**
   * To be called while nothing new is sent to the reader.
   * @param unsentBytes 0 when nothing waits for it
   * @returns whether it took nothing for too long
   */
  tick(elapsedMs: number, unsentBytes: number): boolean {
    const isStill = unsentBytes > 0 && unsentBytes >= this.#lowestUnsent && this.#lowestUnsent > 0
    this.#stillMs = isStill ? this.#stillMs + elapsedMs : 0
    this.#lowestUnsent = unsentBytes
    return this.#stillMs >= this.stalledMs
  }
}
