/**
 * Replies are read before anything is decided. After each connect, replies to earlier jobs may wait in the reply queue, so
 * nothing times out and nothing is sent again until a fence has come back through it. The same after this side stood
 * still, asleep for instance: its timers come first then, and the messages of that time only after them. Promise 4.
 */
import type { BrokerSession } from '../../stomp/mod.ts'
import type { Timeouts } from '../timeouts.ts'
import type { Fence } from './fence.ts'

/** Where there is no fence, the queue counts as read when it has been silent for this long, */
const quietMs = 250
/** and in any case after this long, so that a flood of replies does not stop the clock. */
const longestMs = 30_000
/** A half-open session before this one keeps the messages that it was handed until the broker misses two of its heart-beats. */
const halfOpenMs = 20_000

export interface CatchUpPorts {
  readonly timeouts: Timeouts
  readonly fence: Fence
  /** The queue is read: jobs that were cut off go out again. @param before jobs that were open before this connection */
  readonly onRead: (before: ReadonlySet<string>) => void
  /** Nothing more can be waiting: overdue jobs have timed out. */
  readonly onCurrent: () => void
  /** The reply queue is gone, or somebody else reads it. */
  readonly onSilent: () => void
}

export class CatchUp {
  readonly #ports: CatchUpPorts
  #at: 'away' | 'reading' | 'read' | 'current' = 'away'
  #before: ReadonlySet<string> = new Set()
  /** The jobs that are asked after once the queue is read: jobs from before this connection. */
  #toAskAfter: ReadonlySet<string> = new Set()
  #hasHeard = false
  #mayBeHalfOpen = false

  constructor(ports: CatchUpPorts) {
    this.#ports = ports
  }

  /** The reply subscription's RECEIPT is in. @param before jobs that may have left already */
  begin(session: Pick<BrokerSession, 'bridged'>, before: ReadonlySet<string>): void {
    this.#toAskAfter = before
    // A bridge has ended that session before it lets this one read
    this.#mayBeHalfOpen = !session.bridged && (before.size > 0 || this.#mayBeHalfOpen)
    this.#read(before)
  }

  /** @param open jobs that may have left */
  stoodStill(open: () => ReadonlySet<string>): void {
    // A job that was sent since this reading began may have its result waiting, too.
    if (this.#at !== 'away') this.#read(new Set([...this.#before, ...open()]))
  }

  #read(before: ReadonlySet<string>): void {
    const { timeouts, fence, onSilent } = this.#ports
    this.#at = 'reading'
    this.#before = before
    timeouts.set('catch-up', longestMs, () => this.#done())
    fence.pass({ passed: () => this.#done(), unable: () => this.#listen(), silent: onSilent })
  }

  /** A reply came. */
  heard(): void {
    this.#hasHeard = true
  }

  #listen(): void {
    this.#hasHeard = false
    this.#ports.timeouts.set('quiet', quietMs, () => (this.#hasHeard ? this.#listen() : this.#done()))
  }

  away(): void {
    this.#at = 'away'
    if (this.#ports.timeouts.has('half-open')) this.#mayBeHalfOpen = true // as the one before this session still is
    for (const key of ['quiet', 'catch-up', 'half-open']) this.#ports.timeouts.delete(key)
  }

  get isReading(): boolean {
    return this.#at === 'reading'
  }

  get isCurrent(): boolean {
    return this.#at === 'current'
  }

  /** Whether something about this job, which may have left, may be waiting unread. */
  mayHaveNews(requestId: string): boolean {
    return this.#at === 'away' || (this.#at !== 'current' && this.#before.has(requestId))
  }

  #done(): void {
    const { timeouts, onRead } = this.#ports
    timeouts.delete('quiet')
    timeouts.delete('catch-up')
    this.#at = 'read'
    const toAskAfter = this.#toAskAfter
    this.#toAskAfter = new Set() // read again, the connection was there all the time
    if (this.#mayBeHalfOpen) {
      this.#mayBeHalfOpen = false
      timeouts.set('half-open', halfOpenMs, () => this.#current())
    } else if (!timeouts.has('half-open')) this.#current()
    onRead(toAskAfter)
  }

  #current(): void {
    this.#at = 'current'
    this.#before = new Set()
    this.#ports.onCurrent()
  }
}
