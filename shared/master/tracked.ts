/** One job behind its handle: the latest state, its readers, and the promises that settle with it. */
import { DroverError } from '../contract/errors.ts'
import type { Detached } from './errors.ts'
import { Reader } from './readers.ts'
import type { JobNews, JobState } from './state/job.ts'
import type { Outcome } from './state/outcome.ts'

export class Tracked {
  state: JobState
  /** Rejects when the job cannot be sent. */
  readonly sent: Promise<void>
  readonly ended: Promise<Outcome | Detached>
  readonly #sent = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<Outcome | Detached>()
  readonly #readers = new Set<Reader>()
  readonly #now: () => number
  #isOver = false

  constructor(state: JobState, now: () => number) {
    this.#now = now
    this.state = state
    this.sent = this.#sent.promise
    this.ended = this.#ended.promise
    this.sent.catch(() => {}) // whoever does not wait for it sees the outcome
    this.update(state, [])
  }

  update(state: JobState, news: readonly JobNews[]): void {
    this.state = state
    if (news.length > 0) for (const reader of this.#readers) reader.push(news)
    const { phase } = state
    const hasLeft = state.sent_at !== undefined || state.workers.length > 0
    if (hasLeft) this.#sent.resolve()
    if (phase.at !== 'ended' || this.#isOver) return
    if (!hasLeft) this.#rejectSent(phase.outcome)
    this.#over(phase.outcome)
  }

  /** Nobody watches the job from here any more. */
  detach(reason: string): void {
    this.#sent.reject(new DroverError('closed', `It is not known whether job ${this.state.request_id} left: ${reason}`))
    this.#over({ type: 'detached', reason })
  }

  read(): Reader {
    const reader = new Reader(this.state.replies, this.#now, left => this.#readers.delete(left))
    if (this.#isOver) reader.end()
    else this.#readers.add(reader)
    return reader
  }

  #rejectSent(outcome: Outcome): void {
    const how = outcome.type === 'error' ? outcome.error.message : outcome.type.replace('_', ' ')
    const code = outcome.type === 'cancelled' || outcome.type === 'timed_out' ? outcome.type : 'broker_error'
    this.#sent.reject(new DroverError(code, `Job ${this.state.request_id} was not sent: ${how}`))
  }

  #over(outcome: Outcome | Detached): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#ended.resolve(outcome)
    for (const reader of this.#readers) reader.end()
    this.#readers.clear()
  }
}
