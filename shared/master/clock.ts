/** The clock as a port: an instant for people and headers, a steady reading for durations, one timer. */

export interface Clock {
  /** ms since the epoch. It may jump. */
  now(): number
  /** ms from anywhere, never back: durations are decided by it. */
  steady(): number
  /** Calls `fire` once after `ms`. Returns how to stop it. */
  timer(ms: number, fire: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  timer: (ms, fire) => {
    const id = setTimeout(fire, ms)
    return () => clearTimeout(id)
  },
}
