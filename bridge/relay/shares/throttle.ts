/**
 * A rate that somebody keeps to, in messages or bytes: a token bucket. Tokens that were not used of late may be used at once, up
 * to a burst. It holds one number, which is the time at which all of it would have been sent by that rate.
 */
export class Throttle {
  #dueAt = Number.NEGATIVE_INFINITY

  /**
   * Counts messages, or bytes, that were sent.
   * @param perSecond the rate
   * @param burstMs for how long the unused rate is kept
   * @param now steady, in ms
   * @returns how many ms it came too early: then that long nothing more should come; 0 or less where all is well
   */
  spend(count: number, perSecond: number, burstMs: number, now: number): number {
    this.#dueAt = Math.max(this.#dueAt, now) + (count * 1_000) / perSecond
    return this.#dueAt - now - burstMs
  }

  /** Whether it is as one of which nothing was used. */
  isUnused(now: number): boolean {
    return this.#dueAt <= now
  }
}
