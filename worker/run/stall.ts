/** A worker whose event loop stood still, as under code that computes for long: it says so itself, since nobody else can know. */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/mod.ts'
import type { StompState } from '../../shared/stomp/mod.ts'

const lookEveryMs = 1_000
/** The longest time for which a broker is to hear nothing of a worker. */
const longMs = 10_000
/** A connection that ends just after that ends for that. */
const recentMs = 5_000

export class StallDetector {
  readonly #clock: Clock
  readonly #onStoodStill: (ms: number) => void
  #seenAt: number
  #stopTimer = (): void => {}
  #last: { readonly ms: number; readonly at: number } | undefined

  /** @param onStoodStill told for how long, once it goes on */
  constructor(clock: Clock, onStoodStill: (ms: number) => void) {
    this.#clock = clock
    this.#onStoodStill = onStoodStill
    this.#seenAt = clock.steady()
    this.#arm()
  }

  /** To be called where time may have passed: its own timer may come later. */
  look(): void {
    const now = this.#clock.steady()
    const ms = now - this.#seenAt
    this.#seenAt = now
    if (ms < longMs) return
    this.#last = { ms, at: now }
    this.#onStoodStill(ms)
  }

  /** For how long it stood still a moment ago. */
  get recent(): number | undefined {
    this.look()
    return this.#last !== undefined && this.#clock.steady() - this.#last.at <= recentMs ? this.#last.ms : undefined
  }

  /** A connection that ends while a worker stands still ends for that: the broker heard nothing of it. */
  blamed(state: StompState): StompState {
    if (state.at !== 'waiting' || !(state.reason instanceof DroverError)) return state
    const ms = state.reason.code === 'connection_lost' ? this.recent : undefined
    if (ms === undefined) return state
    return { ...state, reason: new DroverError('connection_lost', stallMessage(ms), { cause: state.reason }) }
  }

  stop(): void {
    this.#stopTimer()
  }

  #arm(): void {
    this.#stopTimer = this.#clock.timer(lookEveryMs, () => {
      this.look()
      this.#arm()
    })
  }
}

/** The sentence for the log and for the masters of jobs. */
export const stallMessage = (ms: number): string =>
  `This worker stood still for ${Math.round(ms / 1_000)} s: something in it computed or waited without a pause, so that nothing was sent meanwhile`
