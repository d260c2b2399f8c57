/** Keeps both sides of a relay no faster than the slower one. Promise 8. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { ByteLink } from '../../shared/frames/byte-link.ts'
import type { Limits } from '../limits.ts'
import type { BothSides } from './both-sides.ts'
import { Valve } from './valve.ts'

export class Pace {
  readonly #browser: ByteLink
  readonly #limits: Limits
  readonly #valve: Valve<'connecting' | 'broker_is_slow'>

  constructor(browser: ByteLink, limits: Limits) {
    this.#browser = browser
    this.#limits = limits
    this.#valve = new Valve(browser)
  }

  /** Whether the browser is held back, and cannot be heard. */
  get isBrowserHeld(): boolean {
    return this.#valve.isClosed
  }

  /** What the browser sends has to wait for something else first. */
  holdBrowser(): void {
    this.#valve.close('connecting')
  }

  letBrowserGoOn(): void {
    this.#valve.open('connecting')
  }

  /**
   * To be called after something was sent to the broker: holds the browser back while the broker has much to take.
   * @returns why the session has to end, where the browser cannot be held back
   */
  sentToBroker({ broker }: BothSides): DroverError | undefined {
    const { maxBrokerUnsentBytes, maxBrokerBacklogBytes } = this.#limits
    const { unsentBytes } = broker
    if (unsentBytes <= maxBrokerUnsentBytes) return undefined
    this.#valve.close('broker_is_slow')
    if (unsentBytes <= maxBrokerBacklogBytes) return undefined
    return new DroverError(
      'queue_full',
      'The broker takes messages more slowly than they come; send fewer, or wait for RECEIPTs',
    )
  }

  brokerDrained({ broker }: BothSides): void {
    if (broker.unsentBytes <= this.#limits.maxBrokerUnsentBytes / 2) this.#valve.open('broker_is_slow')
  }

  /** To be called after something was sent to the browser: holds the broker back while the browser has much to take. */
  sentToBrowser({ brokerValve }: BothSides): void {
    if (this.#browser.unsentBytes > this.#limits.maxUnsentBytes) brokerValve.close('browser_is_slow')
  }

  browserDrained({ brokerValve }: BothSides): void {
    if (this.#browser.unsentBytes <= this.#limits.maxUnsentBytes / 2) brokerValve.open('browser_is_slow')
  }
}
