/** The broker's time, as far as a worker knows it: by the newest `timestamp` of all that it was handed on this connection. */
import { instantIn } from '../job-copy.ts'

export class BrokerTime {
  /** The broker's clock less the steady one: this much, or more. */
  #aheadMs = Number.NEGATIVE_INFINITY

  /** A message has come. @param steady the present of the steady clock, ms */
  heard(timestamp: string | undefined, steady: number): void {
    const at = instantIn(timestamp)
    if (at > 0) this.#aheadMs = Math.max(this.#aheadMs, at - steady)
  }

  /**
   * How long ago a message that was heard of was published, at least.
   * @returns ms; 0 where the broker does not say when it took a message
   */
  sinceMs(timestamp: string | undefined, steady: number): number {
    const at = instantIn(timestamp)
    return at > 0 ? Math.max(0, steady + this.#aheadMs - at) : 0
  }

  /** The next connection may be to another broker. */
  connectionLost(): void {
    this.#aheadMs = Number.NEGATIVE_INFINITY
  }
}
