/**
 * An answer counts as late only once all is read that came in time. Where this side stood still, its timers come first, and
 * the bytes that wait in the socket only after them.
 */
import type { Clock } from '../../clock.ts'

/** A timer that comes so much later than asked for tells that this side stood still. */
const lateMs = 20
/** So many turns of the event loop are left then for bytes that wait. */
const turnsToRead = 10

/**
 * A timer that lets bytes that wait in the socket be read before it fires.
 * @returns how to stop it
 */
export function lateTimer(ms: number, clock: Pick<Clock, 'steady' | 'timer'>, fire: () => void): () => void {
  const dueAt = clock.steady() + ms
  let turnsLeft = turnsToRead
  const look = (): void => {
    if (turnsLeft-- > 0 && clock.steady() - dueAt > lateMs) stop = clock.timer(0, look)
    else fire()
  }
  let stop = clock.timer(ms, look)
  return () => stop()
}
