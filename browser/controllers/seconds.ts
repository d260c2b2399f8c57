/** Renders a widget again as time goes by, for ages and timers. Stands still in a hidden tab. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'

export class SecondsController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #isNeeded: () => boolean
  #timer: ReturnType<typeof setInterval> | undefined

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
    this.#timer = setInterval(() => {
      if (document.visibilityState === 'visible' && this.#isNeeded()) this.#host.requestUpdate()
    }, 1000)
  }

  hostDisconnected(): void {
    clearInterval(this.#timer)
  }
}
