/**
 * When open jobs time out. A job that may have a reply which waits unread is decided once the replies are read. Promise 4.
 * A master may have been away before it knew who should answer a broadcast. If all workers that took the broadcast have
 * answered, today's roster says whether these were everyone: the master waits for it, once. Promise 2.
 */
import type { Clock } from '../../clock.ts'
import { delayOf } from '../dispatch/delay.ts'
import type { Current } from '../replies/current.ts'
import type { Timeouts } from '../timeouts.ts'
import type { JobIndex } from './job-index.ts'
import type { JobListener, Jobs } from './jobs.ts'
import { type JobState, mayHaveLeft } from './state/job.ts'

/** A roster is known 500 ms after its ping; where it is not to be had, nobody waits for longer. */
const rosterMs = 1000

export interface JobDeadlinesPorts {
  readonly clock: Clock
  readonly timeouts: Timeouts
  readonly index: JobIndex
  readonly jobs: Jobs
  readonly current: Pick<Current, 'mayHaveNews'>
  /** How much longer a job that may have news is waited for, while there is no connection. */
  readonly awayGraceMs: number
}

export class JobDeadlines implements JobListener {
  readonly #ports: JobDeadlinesPorts
  /** Past their timeout, and not decided: the replies that wait for this master are to be read first. */
  readonly #overdue = new Set<string>()
  /** Broadcasts that wait for everyone, of which this master was away before it knew who that is. */
  readonly #rosterless = new Set<string>()

  constructor(ports: JobDeadlinesPorts) {
    this.#ports = ports
    ports.jobs.listen(this)
  }

  /** A new job. */
  start(job: JobState): void {
    this.#set(job.request_id, wholeOf(job))
  }

  /** An open job from storage. */
  restore(job: JobState): void {
    const { request_id, created_at } = job
    this.#wasAway(job)
    const wholeMs = wholeOf(job)
    // The clock may have jumped since: the job has neither more time than it was given, nor less than none.
    const remaining = created_at + wholeMs - this.#ports.clock.now()
    this.#set(request_id, Math.min(wholeMs, Math.max(0, remaining)))
  }

  /** ms until its timeout. */
  remaining(job: JobState): number {
    return this.#ports.timeouts.remaining(`job ${job.request_id}`) ?? wholeOf(job)
  }

  /** The replies that waited are read: every job past its timeout ends now. */
  decideOverdue(): void {
    for (const requestId of [...this.#overdue]) this.#timeOut(requestId)
  }

  ended(requestId: string): void {
    this.#ports.timeouts.delete(`job ${requestId}`)
    this.#overdue.delete(requestId)
    this.#rosterless.delete(requestId)
  }

  #set(requestId: string, ms: number): void {
    this.#ports.timeouts.set(`job ${requestId}`, ms, () => this.#onTimeout(requestId))
  }

  #onTimeout(requestId: string): void {
    const { index, current, awayGraceMs } = this.#ports
    const job = index.shown.get(requestId)
    const mayHaveNews = job !== undefined && mayHaveLeft(job) && current.mayHaveNews(requestId)
    if (mayHaveNews && !this.#overdue.has(requestId)) {
      this.#overdue.add(requestId)
      this.#wasAway(job)
      this.#set(requestId, awayGraceMs)
    } else this.#timeOut(requestId)
  }

  #timeOut(requestId: string): void {
    const { index, jobs, clock } = this.#ports
    this.#overdue.delete(requestId)
    const isAway = this.#rosterless.delete(requestId)
    if (isAway && mayBeAnswered(index.latest(requestId))) this.#set(requestId, rosterMs)
    else jobs.apply(requestId, { type: 'timeout', at: clock.now() })
  }

  /** This master was away from it: of an earlier run, or not connected as its time was up. */
  #wasAway({ request_id, mode, until, expected }: JobState): void {
    if (mode === 'topic' && until === 'everyone' && expected === undefined) this.#rosterless.add(request_id)
  }
}

/** How long a job may take from its dispatch on, its delay included. */
const wholeOf = (job: JobState): number => delayOf(job) + job.timeout_ms

/** Whether the roster may say that it is answered. */
function mayBeAnswered(job: JobState | undefined): boolean {
  if (job === undefined || job.expected !== undefined || job.workers.length === 0) return false
  return job.workers.every(({ outcome }) => outcome !== undefined)
}
