/** Time as a port, so that tests move it: an instant for people and headers, a steady reading for durations, one timer. */

export interface Clock {
  /** ms since the epoch. Somebody may set it at any time, so it decides nothing. */
  now(): number
  /** ms from anywhere, never back: durations are decided by it. On some systems it stands still while the machine sleeps. */
  steady(): number
  /** Calls `fire` once after `ms`. Returns how to stop it. */
  timer(ms: number, fire: () => void): () => void
}

/** A longer delay makes `setTimeout` fire at once. */
export const longestTimerMs: number = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  timer(ms, fire) {
    const timer = setTimeout(fire, Math.min(ms, longestTimerMs))
    return () => clearTimeout(timer)
  },
}
