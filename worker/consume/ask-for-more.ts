/**
 * While a job is in hand, its subscription has no room. Jobs that the broker has given that subscription beside it wait for its
 * end, though other workers are free. Asked for, they come, and go on to those.
 */
import type { Clock } from '../../shared/clock.ts'
import type { Incoming } from '../../shared/stomp/mod.ts'

/** How long a job is in hand until its broker is asked for those that it keeps back behind it; each time twice as long. */
const firstAskMs = 5_000

export class AskForMore {
  readonly #clock: Pick<Clock, 'timer'>
  readonly #stops = new Set<() => void>()

  constructor(clock: Pick<Clock, 'timer'>) {
    this.#clock = clock
  }

  /**
   * Begins to ask, again and again; does nothing where a broker keeps nothing back.
   * @param mayAsk not beside an ACK of the same job, open or done: a bridge ends the session for a second one
   * @returns how to stop
   */
  start({ askForMore }: Incoming, mayAsk: () => boolean): () => void {
    if (askForMore === undefined) return nothing
    let ms = firstAskMs
    const ask = (): void => {
      if (mayAsk()) {
        askForMore()
        ms *= 2
      }
      stopTimer = this.#clock.timer(ms, ask)
    }
    let stopTimer = this.#clock.timer(ms, ask)
    const stop = (): void => {
      stopTimer()
      this.#stops.delete(stop)
    }
    this.#stops.add(stop)
    return stop
  }

  stopAll(): void {
    for (const stop of this.#stops) stop()
  }
}

const nothing = (): void => {}
