/** Reading a job's replies as they come: each reader from the first, at its own pace. */
import type { JobNews } from './state/job.ts'

/** How far a reader may fall behind before log lines, progress and partials are left out. */
const maxBehind = 10_000

export class FeedReader implements AsyncIterator<JobNews, undefined> {
  readonly #onLeave: (reader: FeedReader) => void
  readonly #now: () => number
  #ahead: JobNews[]
  #at = 0
  #missed = 0
  #isEnded = false
  #wake: (() => void) | undefined

  constructor(from: readonly JobNews[], now: () => number, onLeave: (reader: FeedReader) => void) {
    this.#ahead = [...from]
    this.#now = now
    this.#onLeave = onLeave
  }

  push(news: readonly JobNews[]): void {
    for (const one of news) this.#ahead.push(one)
    while (this.#ahead.length - this.#at > maxBehind) {
      this.#at++
      this.#missed++
    }
    this.#wake?.()
  }

  /** Nothing more comes; the news that are there are still read. */
  end(): void {
    this.#isEnded = true
    this.#wake?.()
  }

  async next(): Promise<IteratorResult<JobNews, undefined>> {
    while (this.#at >= this.#ahead.length) {
      if (this.#isEnded) return { done: true, value: undefined }
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
    }
    if (this.#missed > 0) {
      const count = this.#missed
      this.#missed = 0
      return { done: false, value: { type: 'missed', count, at: this.#now() } }
    }
    const value = this.#ahead[this.#at++]!
    if (this.#at > 1000) {
      this.#ahead = this.#ahead.slice(this.#at)
      this.#at = 0
    }
    return { done: false, value }
  }

  async return(): Promise<IteratorResult<JobNews, undefined>> {
    this.#ahead = []
    this.#at = 0
    this.end()
    this.#onLeave(this)
    return { done: true, value: undefined }
  }
}
