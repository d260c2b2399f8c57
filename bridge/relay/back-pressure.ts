/** Back-pressure: a side that sends faster than the other takes is not read from for a while. Promise 8. */
import type { DroverError } from '../../shared/contract/errors.ts'
import type { ByteLink } from '../../shared/frames/byte-link.ts'
import { LimitReached } from '../limit-reached.ts'
import type { Limits } from '../limits.ts'
import { PausableReads } from './pausable-reads.ts'
import type { RelaySession } from './relay-session.ts'

export class BackPressure {
  readonly #browser: ByteLink
  readonly #limits: Limits
  readonly #browserReads: PausableReads<'connecting' | 'broker_is_slow'>

  constructor(browser: ByteLink, limits: Limits) {
    this.#browser = browser
    this.#limits = limits
    this.#browserReads = new PausableReads(browser)
  }

  /** Whether the browser is not read from, and cannot be heard. */
  get isBrowserPaused(): boolean {
    return this.#browserReads.isPaused
  }

  /** The frames of the browser have to wait for something else first. */
  pauseBrowser(): void {
    this.#browserReads.pause('connecting')
  }

  resumeBrowser(): void {
    this.#browserReads.resume('connecting')
  }

  /**
   * To be called after something was sent to the broker: pauses the browser while the broker has much to take.
   * @returns why the session has to end, where the browser cannot be paused
   */
  sentToBroker({ broker }: RelaySession): DroverError | undefined {
    const { maxBrokerUnsentBytes, maxBrokerBacklogBytes } = this.#limits
    const { unsentBytes } = broker
    if (unsentBytes <= maxBrokerUnsentBytes) return undefined
    this.#browserReads.pause('broker_is_slow')
    if (unsentBytes <= maxBrokerBacklogBytes) return undefined
    return new LimitReached(
      'maxBrokerBacklogBytes',
      'queue_full',
      'The broker takes messages more slowly than they come; send fewer, or wait for RECEIPTs',
    )
  }

  brokerDrained({ broker }: RelaySession): void {
    if (broker.unsentBytes <= this.#limits.maxBrokerUnsentBytes / 2) this.#browserReads.resume('broker_is_slow')
  }

  /** To be called after something was sent to the browser: pauses the broker while the browser has much to take. */
  sentToBrowser({ brokerReads }: RelaySession): void {
    if (this.#browser.unsentBytes > this.#limits.maxUnsentBytes) brokerReads.pause('browser_is_slow')
  }

  browserDrained({ brokerReads }: RelaySession): void {
    if (this.#browser.unsentBytes <= this.#limits.maxUnsentBytes / 2) brokerReads.resume('browser_is_slow')
  }
}
