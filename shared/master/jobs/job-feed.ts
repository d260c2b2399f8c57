/** One job behind its handle: the latest state, its readers, and the promises that settle with it. */

import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { isOutcome } from '../../contract/mod.ts'
import { codeOf, type Detached } from '../errors.ts'
import type { Current } from '../replies/current.ts'
import { FeedReader } from './feed-reader.ts'
import type { JobNews, JobState } from './state/job.ts'
import type { Outcome } from './state/outcome.ts'
import { hasGaps } from './state/reply.ts'

/** How long readers wait for replies that an outcome has overtaken; the outcome itself is told at once. */
const stragglersMs = 300
/** As long as a master reads its queue anew and a session may stay half open: later nothing comes. */
const longestMs = 60_000

export interface JobFeedPorts {
  readonly clock: Clock
  /** How far the reply queue is read. A broker may still have replies in the hands of a session that was cut off. */
  readonly current: Pick<Current, 'mayHaveNews' | 'isCurrent'>
}

export class JobFeed {
  state: JobState
  /** Rejects when the job cannot be sent. */
  readonly sent: Promise<void>
  readonly ended: Promise<Outcome | Detached>
  readonly #sent = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<Outcome | Detached>()
  readonly #readers = new Set<FeedReader>()
  readonly #ports: JobFeedPorts
  #isOver = false
  /** Given to readers last, once the replies that it has overtaken are in. */
  #last: JobNews[] | undefined

  constructor(state: JobState, ports: JobFeedPorts) {
    this.#ports = ports
    this.state = state
    this.sent = this.#sent.promise
    this.ended = this.#ended.promise
    this.sent.catch(() => {}) // a caller that does not wait for it sees the outcome
    if (state.sent_at !== undefined || state.workers.length > 0) this.#sent.resolve()
    if (state.phase.at !== 'ended') return
    this.#isOver = true
    this.#rejectSent(state.phase.outcome)
    this.#ended.resolve(state.phase.outcome)
  }

  update(state: JobState, news: readonly JobNews[]): void {
    this.state = state
    const { phase } = state
    const hasLeft = state.sent_at !== undefined || state.workers.length > 0
    if (hasLeft) this.#sent.resolve()
    if (phase.at !== 'ended' || this.#isOver) {
      this.#push(news)
      if (this.#last !== undefined && !hasGaps(state)) this.#endReaders()
      return
    }
    if (!hasLeft) this.#rejectSent(phase.outcome)
    this.#isOver = true
    this.#ended.resolve(phase.outcome)
    this.#last = news.filter(isLast)
    this.#push(news.filter(one => !isLast(one)))
    if (this.#readers.size === 0 || !hasGaps(state)) this.#endReaders()
    else this.#awaitStragglers(this.#ports.current.mayHaveNews(state.request_id))
  }

  /** Nobody watches the job from here any more. */
  detach(reason: string): void {
    this.#sent.reject(new DroverError('closed', `It is not known whether job ${this.state.request_id} left: ${reason}`))
    this.#ended.resolve({ type: 'detached', reason })
    this.#isOver = true
    this.#endReaders()
  }

  /** The job is let go of: no reply is told to it any more. */
  letGo(): void {
    this.#endReaders()
  }

  read(): FeedReader {
    const reader = new FeedReader(this.state.replies, this.#ports.clock.now, left => this.#readers.delete(left))
    if (this.#isOver) reader.end()
    else this.#readers.add(reader)
    return reader
  }

  #push(news: readonly JobNews[]): void {
    if (news.length > 0) for (const reader of this.#readers) reader.push(news)
  }

  /** @param mayBeElsewhere whether they may come only once the master is current */
  #awaitStragglers(mayBeElsewhere: boolean, waitedMs = stragglersMs): void {
    const { clock, current } = this.#ports
    clock.timer(stragglersMs, () => {
      if (this.#last === undefined) return
      if (mayBeElsewhere && !current.isCurrent && waitedMs < longestMs)
        this.#awaitStragglers(true, waitedMs + stragglersMs)
      else this.#endReaders()
    })
  }

  #endReaders(): void {
    this.#push(this.#last ?? [])
    this.#last = undefined
    for (const reader of this.#readers) reader.end()
    this.#readers.clear()
  }

  #rejectSent(outcome: Outcome): void {
    const how = outcome.type === 'error' ? outcome.error.message : outcome.type.replace('_', ' ')
    this.#sent.reject(new DroverError(codeOf(outcome, false), `Job ${this.state.request_id} was not sent: ${how}`))
  }
}

const isLast = (one: JobNews): boolean => 'request_id' in one && isOutcome(one)

/** Cancels a job when the signal of its options aborts, as long as the job is open. */
export function cancelOn(signal: AbortSignal, { ended }: JobFeed, cancel: (reason: string) => void): void {
  const onAbort = (): void => {
    const { reason } = signal
    cancel(reason instanceof Error ? reason.message : String(reason))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  void ended.then(() => signal.removeEventListener('abort', onAbort))
}
