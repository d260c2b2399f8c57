/** The handle of a job that one worker takes. Design section 8. */
import type { AnyTask } from '../../contract/mod.ts'
import type { Detached } from '../errors.ts'
import type { JobFeed } from './job-feed.ts'
import { parseOutput } from './output.ts'
import type { JobNews, JobState } from './state/job.ts'
import type { Outcome } from './state/outcome.ts'

/** The common part of both kinds of handle. A handle is not a promise, so it can be returned from an async function. */
export interface Handle {
  readonly request_id: string
  readonly task: string
  /**
   * Resolves when the job is stored and the broker has confirmed it. Rejects when it cannot be sent, or ended before.
   * Never unhandled.
   */
  readonly sent: Promise<void>
  /** The state now: plain data, never changed afterwards. */
  readonly snapshot: JobState
  /**
   * The news of the job, from the first, in time order, until it ends. Each loop reads on its own; leaving one
   * cancels nothing.
   */
  replies(): AsyncIterable<JobNews>
  /** Asks for the end of the job: it shows `cancelling`, then its outcome. @param reason at most 500 characters */
  cancel(reason?: string): void
}

export interface JobHandle<Output = unknown> extends Handle {
  readonly mode: 'queue'
  /** How it ended, once. Never rejects. */
  readonly outcome: Promise<Outcome<Output> | Detached>
}

/** Cancels for a handle. */
export interface Canceller {
  cancel(requestId: string, reason?: string): void
}

/** @param settle makes the value of the property `name`, once somebody has asked for it */
export function handleOf(
  feed: JobFeed,
  jobs: Canceller,
  mode: JobState['mode'],
  name: string,
  settle: (ended: Outcome | Detached) => unknown,
): Handle & { readonly mode: JobState['mode'] } {
  const { request_id, task } = feed.state
  let settled: Promise<unknown> | undefined
  return {
    request_id,
    task,
    sent: feed.sent,
    get snapshot() {
      return feed.state
    },
    replies: () => ({ [Symbol.asyncIterator]: () => feed.read() }),
    cancel: reason => jobs.cancel(request_id, reason),
    mode,
    get [name]() {
      settled ??= feed.ended.then(settle)
      return settled
    },
  }
}

export const jobHandle = (feed: JobFeed, task: AnyTask | undefined, jobs: Canceller): JobHandle =>
  handleOf(feed, jobs, 'queue', 'outcome', ended =>
    ended.type === 'detached' ? ended : parseOutput(task, ended),
  ) as JobHandle
