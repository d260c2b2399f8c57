/** Heart-beats of one connection, each way. STOMP 1.2, 'Heart-beating'. */

import type { Clock } from '../shared/clock.ts'
import { DroverError } from '../shared/contract/errors.ts'
import { agreedIntervalMs, readHeartBeat } from '../shared/heart-beat.ts'

/** Intervals in ms; 0 for none. */
export interface HeartBeatIntervals {
  readonly sendMs: number
  readonly receiveMs: number
}

/**
 * Reads a CONNECT's `heart-beat` and agrees on intervals.
 * @param header such as `10000,10000`; absent means `0,0`
 * @param ownMs the shortest that this side offers, each way
 * @throws {DroverError} `frame_invalid`
 */
export function agreeOnHeartBeats(header: string | undefined, ownMs: number): HeartBeatIntervals {
  const offer = readHeartBeat(header)
  if (offer === undefined) {
    throw new DroverError(
      'frame_invalid',
      `The header heart-beat is "${header}"; expected are two numbers of ms, such as 10000,10000`,
    )
  }
  // 0 is no refusal here: this side then beats as often as the other likes
  const own = Math.max(1, ownMs)
  return { sendMs: agreedIntervalMs(own, offer.wantsMs), receiveMs: agreedIntervalMs(offer.sendsMs, own) }
}

/** A peer may be late by this factor: networks and timers are. */
const patience = 2
/** Sent this early, a beat arrives in time. */
const earliness = 0.8

export class HeartBeats {
  readonly #clock: Clock
  readonly #stops = new Set<() => void>()
  #isStopped = false
  #sentAt: number
  #receivedAt: number

  /**
   * @param onBeat send a line feed now
   * @param onSilence nothing came for twice the agreed interval; goes on watching unless it calls `stop`
   */
  constructor(clock: Clock, intervals: HeartBeatIntervals, onBeat: () => void, onSilence: () => void) {
    this.#clock = clock
    this.#sentAt = this.#receivedAt = clock.steady()
    const sendEveryMs = intervals.sendMs * earliness
    if (sendEveryMs > 0) {
      this.#watch(
        () => this.#sentAt + sendEveryMs,
        () => {
          onBeat()
          this.sent()
        },
      )
    }
    if (intervals.receiveMs > 0) this.#watch(() => this.#receivedAt + intervals.receiveMs * patience, onSilence)
  }

  sent(): void {
    this.#sentAt = this.#clock.steady()
  }

  received(): void {
    this.#receivedAt = this.#clock.steady()
  }

  stop(): void {
    this.#isStopped = true
    for (const stop of this.#stops) stop()
    this.#stops.clear()
  }

  /** Runs `onDue` when `dueAt()` is reached; that time moves on, so a timer may find that it is early. */
  #watch(dueAt: () => number, onDue: () => void): void {
    const stop = this.#clock.timer(Math.max(1, dueAt() - this.#clock.steady()), () => {
      this.#stops.delete(stop)
      if (dueAt() <= this.#clock.steady()) onDue()
      if (!this.#isStopped) this.#watch(dueAt, onDue)
    })
    this.#stops.add(stop)
  }
}
