/** Time as the broker sees it, passed in so that tests move it. */
export interface Clock {
  /** ms since the epoch, for instants that senders name. It may jump. */
  now(): number
  /** ms from anywhere, never back: durations are decided by it. */
  steady(): number
  /** Calls `fire` once after `ms`. Returns how to stop it. */
  timer(ms: number, fire: () => void): () => void
}

// A longer delay makes setTimeout fire at once
const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  timer(ms, fire) {
    const timer = setTimeout(fire, Math.min(ms, longestTimerMs))
    return () => clearTimeout(timer)
  },
}
