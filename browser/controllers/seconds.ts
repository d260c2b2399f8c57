/**
 * Renders a widget again as time goes by, for ages and timers. Stands still in a hidden tab. All do so at the clock's whole
 * seconds: two widgets that show one job give it one age.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit'

export class SecondsController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #isNeeded: () => boolean
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param isNeeded asked each second: whether anything on the widget counts */
  constructor(host: ReactiveControllerHost, isNeeded: () => boolean = () => true) {
    this.#host = host
    this.#isNeeded = isNeeded
    host.addController(this)
  }

  /** This machine's clock, ms since the epoch. */
  get now(): number {
    return Date.now()
  }

  hostConnected(): void {
    this.#timer = setTimeout(
      () => {
        this.hostConnected()
        if (document.visibilityState === 'visible' && this.#isNeeded()) this.#host.requestUpdate()
      },
      1000 - (this.now % 1000),
    )
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
  }
}
