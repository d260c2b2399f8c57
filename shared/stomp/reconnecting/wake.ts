/**
 * When a try to connect is worth it sooner than planned: a page is seen again, or comes out of the cache of the browser; the
 * network is back; the machine was asleep.
 */
import type { Clock } from '../../clock.ts'

interface Target {
  addEventListener(type: string, listener: () => void): void
  removeEventListener(type: string, listener: () => void): void
}

/** Globals of a page that Node and Deno have not. */
interface Surroundings extends Partial<Target> {
  readonly document?: Target & { readonly visibilityState: string }
}

const ofWindow = ['online', 'pageshow', 'focus']
const ofDocument = ['visibilitychange', 'resume']

/**
 * Calls `listener` at each of them.
 * @param around default: the global object
 * @returns how to stop
 */
export function onWake(listener: () => void, around: Surroundings = globalThis as Surroundings): () => void {
  const { document } = around
  if (document === undefined) return () => {}
  const window = around as Target
  const seen = (): void => {
    if (document.visibilityState === 'visible') listener()
  }
  for (const type of ofWindow) window.addEventListener(type, listener)
  for (const type of ofDocument) document.addEventListener(type, seen)
  return () => {
    for (const type of ofWindow) window.removeEventListener(type, listener)
    for (const type of ofDocument) document.removeEventListener(type, seen)
  }
}

const tickMs = 1000
/** A clock that went on by so much more between two ticks tells that this side was asleep. */
const asleepMs = 2000

/**
 * Calls `listener` when this side was asleep: its timers stood still, and its clock did not.
 * @returns how to stop
 */
export function onAsleep(listener: () => void, clock: Pick<Clock, 'now' | 'timer'>): () => void {
  let last = clock.now()
  const look = (): void => {
    const before = last
    last = clock.now()
    stop = clock.timer(tickMs, look)
    if (last - before > tickMs + asleepMs) listener()
  }
  let stop = clock.timer(tickMs, look)
  return () => stop()
}
