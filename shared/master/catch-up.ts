/**
 * Reading what waits before deciding: after each connect, replies to jobs from before it may wait in the reply queue, so
 * nothing times out and nothing is sent again until that queue falls quiet. The same after this side stood still, asleep
 * for instance: its timers come first then, and what came meanwhile only after them. Promise 4.
 */
import type { Timeouts } from './timeouts.ts'

/** The queue counts as read when it has been silent for this long, */
const quietMs = 250
/** and in any case after this long, so that a flood of replies does not stop the clock. */
const longestMs = 30_000

export class CatchUp {
  readonly #timeouts: Timeouts
  readonly #onCurrent: (from: Iterable<string>) => void
  #at: 'away' | 'reading' | 'current' = 'away'
  #before: ReadonlySet<string> = new Set()
  /** Who is asked after once the queue is read: jobs from before this connection. */
  #toAskAfter: ReadonlySet<string> = new Set()
  #hasHeard = false

  /** @param onCurrent told once the queue is read, with the jobs that were open before this connection */
  constructor(timeouts: Timeouts, onCurrent: (from: Iterable<string>) => void) {
    this.#timeouts = timeouts
    this.#onCurrent = onCurrent
  }

  /** The reply subscription's RECEIPT is in. @param before jobs that may have left already */
  begin(before: ReadonlySet<string>): void {
    this.#toAskAfter = before
    this.#read(before)
  }

  /** @param open jobs that may have left */
  stoodStill(open: () => ReadonlySet<string>): void {
    // What was sent since this reading began may have its result waiting, too.
    if (this.#at !== 'away') this.#read(new Set([...this.#before, ...open()]))
  }

  #read(before: ReadonlySet<string>): void {
    this.#at = 'reading'
    this.#before = before
    this.#timeouts.set('catch-up', longestMs, () => this.#done())
    this.#listen()
  }

  /** A reply came. */
  heard(): void {
    this.#hasHeard = true
  }

  #listen(): void {
    this.#hasHeard = false
    this.#timeouts.set('quiet', quietMs, () => (this.#hasHeard ? this.#listen() : this.#done()))
  }

  away(): void {
    this.#at = 'away'
    this.#timeouts.delete('quiet')
    this.#timeouts.delete('catch-up')
  }

  /** Whether something about this job, which may have left, may be waiting unread. */
  mayHaveNews(requestId: string): boolean {
    return this.#at === 'away' || (this.#at === 'reading' && this.#before.has(requestId))
  }

  #done(): void {
    this.#timeouts.delete('quiet')
    this.#timeouts.delete('catch-up')
    this.#at = 'current'
    const toAskAfter = this.#toAskAfter
    this.#before = new Set()
    this.#toAskAfter = new Set() // read again, the connection was there all the time
    this.#onCurrent(toAskAfter)
  }
}
