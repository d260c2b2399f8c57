/** How long to wait before the next try: so that everyone who lost one broker does not come back in one instant. */

export interface Backoff {
  /** Upper bound of the first wait, in ms. */
  readonly baseMs: number
  /** Upper bound of every wait, in ms. */
  readonly capMs: number
}

const defaultBackoff: Backoff = { baseMs: 500, capMs: 30_000 }

/**
 * Full jitter: anything from 0 up to a bound that doubles with each try.
 * @param tries failed tries before this wait, from 0
 * @param random from 0 up to, not including, 1
 * @returns ms
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { fullJitterMs } from 'drover/stomp'
 * assert.equal(fullJitterMs(0, () => 0.5, { baseMs: 1000, capMs: 5000 }), 500)
 * assert.equal(fullJitterMs(9, () => 0.5, { baseMs: 1000, capMs: 5000 }), 2500)
 * ```
 */
export function fullJitterMs(tries: number, random: () => number, backoff: Backoff = defaultBackoff): number {
  return Math.floor(random() * Math.min(backoff.capMs, backoff.baseMs * 2 ** tries))
}
