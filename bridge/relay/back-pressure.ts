/** Back-pressure: a side that sends faster than the other takes, or than it may, is not read from for a while. Promise 8. */
import type { Clock } from '../../shared/clock.ts'
import type { DroverError } from '../../shared/contract/errors.ts'
import { LimitReached } from '../limit-reached.ts'
import type { Limits } from '../limits.ts'
import type { BrowserSide } from './browser-side.ts'
import type { RelayContext } from './context.ts'
import { PausableReads } from './pausable-reads.ts'
import type { RelaySession } from './relay-session.ts'

/** An EOL says that a session lives. Others of its owner or its address may have sent too much: that ends none that only lives. */
const beatBytes = 1

export class BackPressure {
  readonly #side: BrowserSide
  readonly #limits: Limits
  readonly #clock: Clock
  readonly #browserReads: PausableReads<'connecting' | 'broker_is_slow' | 'too_fast' | 'browser_is_slow'>
  #stopWaiting: (() => void) | undefined

  constructor(side: BrowserSide, { limits, clock }: Pick<RelayContext, 'limits' | 'clock'>) {
    this.#side = side
    this.#limits = limits
    this.#clock = clock
    this.#browserReads = new PausableReads(side.link)
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

  /**
   * To be called after the browser sent something: does not read from it while it sends faster than it may. Only a session that
   * is slowed down has a timer.
   * @returns why the session has to end, where that would take too long
   */
  browserSent(session: RelaySession, messages: number, bytes: number): DroverError | undefined {
    if (messages === 0 && bytes <= beatBytes) return undefined
    if (this.#side.hasConfirmed) this.#confirmed(session)
    const { share } = session
    const slowdown = share.spend(messages, bytes)
    if (slowdown === undefined || slowdown instanceof LimitReached) return slowdown
    // Bytes that were read before the pause still come, and make the wait longer
    if (this.#stopWaiting === undefined) this.#side.slowed(slowdown)
    this.stop()
    this.#browserReads.pause('too_fast')
    this.#stopWaiting = this.#clock.timer(slowdown.waitMs, () => {
      this.#stopWaiting = undefined
      this.#browserReads.resume('too_fast')
    })
    return undefined
  }

  /**
   * No broker holds back the RECEIPTs of the bridge's own, so who does not read them is not read from either: then they are no
   * more than it asked for at once. It is a reader that stands still like others.
   */
  #confirmed({ brokerReads }: RelaySession): void {
    this.#side.hasConfirmed = false
    if (this.#side.link.unsentBytes <= this.#limits.maxUnsentBytes) return
    this.#browserReads.pause('browser_is_slow')
    brokerReads.pause('browser_is_slow')
  }

  /** The session has ended. */
  stop(): void {
    this.#stopWaiting?.()
    this.#stopWaiting = undefined
  }

  brokerDrained({ broker }: RelaySession): void {
    if (broker.unsentBytes <= this.#limits.maxBrokerUnsentBytes / 2) this.#browserReads.resume('broker_is_slow')
  }

  /** To be called after something was sent to the browser: pauses the broker while the browser has much to take. */
  sentToBrowser({ brokerReads }: RelaySession): void {
    if (this.#side.link.unsentBytes > this.#limits.maxUnsentBytes) brokerReads.pause('browser_is_slow')
  }

  browserDrained({ brokerReads }: RelaySession): void {
    if (this.#side.link.unsentBytes > this.#limits.maxUnsentBytes / 2) return
    this.#browserReads.resume('browser_is_slow')
    brokerReads.resume('browser_is_slow')
  }
}
