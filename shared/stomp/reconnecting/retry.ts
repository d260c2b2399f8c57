/** When the next try to connect begins: after a wait with full jitter, or soon after something tells that it may go well now. */
import type { Clock } from '../../clock.ts'
import { type Backoff, fullJitterMs } from './backoff.ts'
import { onAsleep, onWake } from './wake.ts'

/** Between the starts of two tries, where one is wanted soon: a page that is looked at often does not knock often. */
const leastMs = 1000
/** Connections that come back at one event spread over this long. */
const spreadMs = 500
/** A try that began before a sleep may wait for a network that is gone. */
const stalledMs = 3000

export interface RetryOptions {
  readonly random: () => number
  readonly clock: Clock
  readonly backoff: Backoff | undefined
  /** Whether a wait ends early when the page or the machine wakes, or is online again. */
  readonly wakes: boolean
  readonly connect: () => void
  /** A wait has begun, or became shorter. */
  readonly onWait: (retryAt: number) => void
  /** A try that is under way for long is to be given up: its network may be gone. */
  readonly onStalled: () => void
}

export interface Retry {
  /** A try begins. */
  began(): void
  /** Waits, then tries. @param isBrief at once */
  wait(isBrief: boolean): void
  /** A connection has lasted: the next wait starts small again. */
  reset(): void
  /** How many tries there were since. */
  readonly tries: number
  stop(): void
}

export function createRetry({ random, clock, backoff, wakes, connect, onWait, onStalled }: RetryOptions): Retry {
  const now = (): number => clock.now()
  let tries = 0
  let beganAt = now()
  let at: 'trying' | 'waiting' | 'stopped' = 'trying'
  let retryAt = 0
  let stopWaiting = (): void => {}
  let stopTicking = (): void => {}

  const hurry = (): void => {
    if (at === 'trying' && now() - beganAt > stalledMs) onStalled()
    if (at !== 'waiting') return
    const restMs = Math.min(leastMs, Math.max(0, beganAt + leastMs - now()))
    const soon = now() + restMs + Math.floor(random() * spreadMs)
    // One that is over by the clock goes on by the timer, which stood still.
    if (soon < retryAt || retryAt <= now()) waitUntil(soon)
  }
  const waitUntil = (instant: number): void => {
    stopWaiting()
    at = 'waiting'
    retryAt = instant
    stopWaiting = clock.timer(Math.max(0, instant - now()), connect)
    onWait(instant)
  }
  const stopListening = wakes ? onWake(hurry) : () => {}

  return {
    began() {
      stopWaiting()
      stopTicking()
      at = 'trying'
      beganAt = now()
    },
    wait(isBrief) {
      const jitterMs = fullJitterMs(tries++, random, backoff)
      stopTicking()
      if (wakes) stopTicking = onAsleep(hurry, clock)
      waitUntil(now() + (isBrief ? 0 : jitterMs))
    },
    reset() {
      tries = 0
    },
    get tries() {
      return tries
    },
    stop() {
      at = 'stopped'
      stopWaiting()
      stopTicking()
      stopListening()
    },
  }
}
