/** The output of `drover dispatch` about a job: lines of JSON for programs, or a bar and words for people. */
import type { JobNews, Outcome } from 'drover/master'

export interface JobView extends Disposable {
  /** @param kids of the keys that the job is sealed to */
  sealed(kids: readonly string[]): void
  /** The broker has confirmed the job. */
  sent(): void
  news(news: JobNews): void
  /** Something that the command itself has to say, such as that Ctrl-C was understood. */
  note(text: string): void
  /** @param isUnclaimed whether no worker of the task was there at the end */
  end(outcome: Outcome, isUnclaimed: boolean): void
}

export interface JobViewOptions {
  readonly requestId: string
  readonly task: string
  readonly isBroadcast: boolean
  /** When a worker may begin it, ms since the epoch; absent: at once. */
  readonly startsAt?: number | undefined
  /** The name of the worker that it is for. */
  readonly to?: string | undefined
}
