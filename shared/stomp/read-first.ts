/**
 * What is late is judged with all read that came in time. Where this side stood still, its timers come first, and what waits in
 * the socket only after them.
 */

/** A timer that comes so much later than asked for tells that this side stood still. */
const lateMs = 20
/** So many turns of the event loop are left then for what waits. */
const turnsToRead = 10

/**
 * A timer that lets what waits in the socket be read before it fires.
 * @param steady ms of a clock that nobody sets
 * @returns how to stop it
 */
export function readFirst(ms: number, steady: () => number, fire: () => void): () => void {
  const dueAt = steady() + ms
  const look = (turnsLeft: number): void => {
    if (turnsLeft > 0 && steady() - dueAt > lateMs) timer = setTimeout(look, 0, turnsLeft - 1)
    else fire()
  }
  let timer = setTimeout(look, ms, turnsToRead)
  return () => clearTimeout(timer)
}
