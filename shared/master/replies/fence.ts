/**
 * A message of this master's own, through its own reply queue: once it is back, every message that was in the queue
 * before it has been handed out, and the broker's clock is known. Promise 4.
 *
 * It is sent again each second until it comes: the broker may still hand messages of the queue to the half-open session of a
 * tab or a process that is gone.
 */
import type { Clock } from '../../clock.ts'
import type { DroverError } from '../../contract/errors.ts'
import { fenceBody, fenceIdIn, isFence } from '../../contract/fence.ts'
import type { BrokerSession, Incoming, Stomp } from '../../stomp/mod.ts'
import type { Timeouts } from '../timeouts.ts'

const againMs = 1000
/** A RECEIPT and no fence for so long: nobody reads the queue that it went to, or somebody else does. */
const silentMs = 2000

/** The caller that waits for a fence hears one of these, once; `silent` may come before another. */
export interface FenceNews {
  readonly passed: () => void
  /** It is not to be had here: there is no right to send to the queue, or no way. */
  readonly unable: () => void
  /** The broker confirmed it and it has not come. It goes on being sent. */
  readonly silent: () => void
}

export interface FencePorts {
  readonly stomp: Stomp
  readonly clock: Clock
  readonly timeouts: Timeouts
  readonly newId: () => string
  /** One came back. @param timestamp of the broker, ms since the epoch; absent where it gives none */
  readonly onBack: (sentAt: number, receivedAt: number, timestamp: number | undefined) => void
}

interface Sent {
  readonly persistent: boolean
  readonly at: number
}

export class Fence {
  readonly #ports: FencePorts
  readonly #sent = new Map<string, Sent>()
  #where: { readonly destination: string; readonly session: BrokerSession } | undefined
  /** The kinds that have yet to come back: both where persistent messages overtake the others, else the persistent one. */
  #missing: Set<boolean> = new Set()
  #news: FenceNews | undefined
  #isRefused = false

  constructor(ports: FencePorts) {
    this.#ports = ports
  }

  /** @param replyTo the queue that is read on this session */
  open(session: BrokerSession, replyTo: string): void {
    const { replySendPrefix } = session.dialect
    this.#where = { session, destination: replyTo.replace(/^\/queue\//, replySendPrefix) }
  }

  away(): void {
    this.#where = undefined
    this.#stop()
    this.#sent.clear()
  }

  /** Whether there is one to be had on this session. */
  get isAble(): boolean {
    const session = this.#where?.session
    return (
      session !== undefined && !this.#isRefused && (!session.bridged || session.features?.includes('fence') === true)
    )
  }

  /** Waits for one that is sent from now on. An earlier caller hears nothing any more. */
  pass(news: FenceNews): void {
    this.#stop()
    if (!this.isAble) {
      news.unable()
      return
    }
    this.#news = news
    this.#missing = new Set(this.#where!.session.dialect.persistentOvertakes ? [true, false] : [true])
    this.#send()
  }

  /** @returns whether it was a fence, which is acknowledged then */
  read({ body, headers, ack }: Incoming): boolean {
    if (!isFence(body)) return false
    ack()
    const sent = this.#sent.get(fenceIdIn(body))
    if (sent === undefined) return true // of an earlier session, or a worker's mark
    const timestamp = Number(headers.timestamp)
    this.#ports.onBack(sent.at, this.#ports.clock.steady(), timestamp > 0 ? timestamp : undefined)
    this.#missing.delete(sent.persistent)
    if (this.#missing.size > 0 || this.#news === undefined) return true
    const { passed } = this.#news
    this.#stop()
    passed()
    return true
  }

  #send(): void {
    for (const persistent of this.#missing) void this.#sendOne(persistent)
    this.#ports.timeouts.set('fence', againMs, () => this.#send())
  }

  async #sendOne(persistent: boolean): Promise<void> {
    const { stomp, clock, newId, timeouts } = this.#ports
    const where = this.#where
    const news = this.#news
    if (where === undefined) return
    const id = newId()
    this.#sent.set(id, { persistent, at: clock.steady() })
    const headers = { 'content-type': 'application/json', persistent: String(persistent) }
    try {
      await stomp.publish({ destination: where.destination, headers, body: fenceBody(id) })
      if (this.#news === news && news !== undefined && !timeouts.has('fence silent'))
        timeouts.set('fence silent', silentMs, news.silent)
    } catch (error) {
      const { code } = error as DroverError
      if (code !== 'forbidden' && code !== 'broker_error') return // with its session, or sent again
      this.#isRefused = true
      if (this.#news !== news) return
      this.#stop()
      news?.unable()
    }
  }

  #stop(): void {
    this.#news = undefined
    this.#missing.clear()
    this.#ports.timeouts.delete('fence')
    this.#ports.timeouts.delete('fence silent')
  }
}
