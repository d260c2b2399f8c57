/**
 * The broker's time: it enforces `expires`, so its clock is the one that counts. Taken from a message of this master's own
 * that comes back with the broker's `timestamp`, and kept as an offset to the steady clock, so that nothing changes when
 * somebody sets the wall clock. Before that, and with a broker that gives no time: as a bridge said, else by the wall clock.
 */
import type { Clock } from '../../clock.ts'
import type { BrokerSession } from '../../stomp/mod.ts'

/** The wall clock was set, or the steady one stood still in a sleep, when they part by more than this. */
const partedMs = 1000

export class BrokerTime {
  readonly #clock: Clock
  /** Of the broker to the steady clock. */
  #offsetMs: number | undefined
  #bridgeOffsetMs: number | undefined
  /** How far wall and steady clock were apart when the offset was taken. */
  #apartMs: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The time that a bridge says is the second best. */
  connected({ clockOffsetMs }: Pick<BrokerSession, 'clockOffsetMs'>): void {
    this.#bridgeOffsetMs = clockOffsetMs
  }

  /**
   * The broker's clock said `timestamp` at some instant between the two.
   * @param sentAt by the steady clock
   * @param receivedAt by the steady clock
   */
  learn(sentAt: number, receivedAt: number, timestamp: number): void {
    this.#offsetMs = timestamp - (sentAt + receivedAt) / 2
    this.#apartMs = this.#apart()
  }

  /** The broker does not say its time: the next best has to do. */
  assume(): void {
    this.#apartMs = this.#apart()
  }

  /** Whether it was taken, and neither clock of this side has jumped since. */
  get isSure(): boolean {
    return this.#apartMs !== undefined && Math.abs(this.#apart() - this.#apartMs) <= partedMs
  }

  /** ms since the epoch. */
  now(): number {
    const offsetMs = this.#offsetMs ?? this.#bridgeOffsetMs
    return offsetMs === undefined ? this.#clock.now() : this.#clock.steady() + offsetMs
  }

  #apart(): number {
    return this.#clock.now() - this.#clock.steady()
  }
}
