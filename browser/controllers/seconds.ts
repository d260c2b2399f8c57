/**
 * Renders a widget again as time goes by, for ages and timers. Stands still in a hidden tab. All do so at the clock's whole
 * seconds: two widgets that show one job give it one age.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Clock } from '../../shared/clock.ts'

export class SecondsController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #clock: Clock
  readonly #isNeeded: () => boolean
  #stopTimer: (() => void) | undefined

  /** @param isNeeded asked each second: whether anything on the widget counts */
  constructor(host: ReactiveControllerHost, clock: Clock, isNeeded: () => boolean = () => true) {
    this.#host = host
    this.#clock = clock
    this.#isNeeded = isNeeded
    host.addController(this)
  }

  /** ms since the epoch. */
  get now(): number {
    return this.#clock.now()
  }

  hostConnected(): void {
    this.#stopTimer = this.#clock.timer(1000 - (this.now % 1000), () => {
      this.hostConnected()
      if (document.visibilityState === 'visible' && this.#isNeeded()) this.#host.requestUpdate()
    })
  }

  hostDisconnected(): void {
    this.#stopTimer?.()
  }
}
