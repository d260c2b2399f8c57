import { setTimeout as wait } from 'node:timers/promises'

/**
 * Holds a reader to a speed.
 * @param bytesPerSecond absent: no limit
 * @returns to be awaited with the bytes read so far; rejects with the signal's reason
 */
export function createThrottle(
  bytesPerSecond: number | undefined,
): (bytes: number, signal: AbortSignal) => Promise<void> {
  const startedAt = performance.now()
  return async (bytes, signal) => {
    if (bytesPerSecond === undefined) return
    const early = (1000 * bytes) / bytesPerSecond - (performance.now() - startedAt)
    if (early <= 1) return
    await wait(early, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}
