/**
 * Decides on a job that was handed to this worker. Pure; the order is promise 6's, and each line of it is a row of
 * the table that tests it.
 */
import { type Issue, type Job, timedOutReason } from '../../shared/contract/mod.ts'
import type { EndedJob } from '../settle/job-memory.ts'
import type { LossCount } from '../settle/job-messages.ts'
import type { ReadJob } from './read-job.ts'

/** The facts that are known when a job arrives. */
export interface Situation {
  readonly read: ReadJob
  readonly mode: 'queue' | 'topic'
  /** The broker handed it to somebody before. */
  readonly isRedelivered: boolean
  readonly ended: EndedJob | undefined
  /** Running here, waiting for a slot here, or waiting here for its next attempt. */
  readonly isHere: boolean
  /** Why it may not share the outcome of the job of its id that ended or is here. */
  readonly whyNotShared?: string | undefined
  /** Why its sender is not answered: a job in the open has the id of a sealed one. */
  readonly whyUnanswered?: string | undefined
  readonly cancelled: { readonly reason: string | undefined } | undefined
  /** By the steady clock, like `ReadJob`'s deadline. */
  readonly now: number
  readonly isDraining: boolean
  /** It is sealed, and none of its keys is here. */
  readonly isUnopenable: boolean
  /** A job that is here may end workers, since it lost one before; or it may not begin here for long. */
  readonly isBesideDoubt: boolean
  /** How often a job may lose its worker while nothing else runs there. */
  readonly maxLosses: number
}

export type Decision =
  | { readonly to: 'repeat_outcome'; readonly ended: EndedJob }
  | { readonly to: 'take_over_ack' }
  /** Its `request_id` is another job's. */
  | { readonly to: 'refuse'; readonly reason: string }
  | { readonly to: 'cancel'; readonly reason: string | undefined }
  | ({ readonly to: 'republish_lost' | 'bury_lost' } & LossCount)
  | { readonly to: 'requeue' }
  /** It goes on without `handed_back`: nothing had begun, or it is to run by itself and its next loss is to count. */
  | { readonly to: 'republish_unmarked' }
  /** It may not begin yet. */
  | { readonly to: 'rest' }
  | { readonly to: 'run' }
  /** For a worker that has the key. */
  | { readonly to: 'cannot_open' }
  /** By itself, once the jobs that run have ended. */
  | { readonly to: 'run_alone' }
  /** For a worker that can run it by itself, with `handed_back`. `isAgain`: it came so. */
  | { readonly to: 'pass_on'; readonly isAgain: boolean }
  | { readonly to: 'reject'; readonly issues: readonly Issue[] }
  /** A queue's message that nobody can be answered about: to dead, with the reason. */
  | { readonly to: 'bury'; readonly reason: string }
  /** A broadcast that nobody here can do anything about: every worker would bury its own copy. */
  | { readonly to: 'drop'; readonly reason: string }

export function decide(situation: Situation): Decision {
  const { read, mode, ended, now } = situation
  if (read.is === 'unanswerable') return { to: mode === 'queue' ? 'bury' : 'drop', reason: read.reason }
  const { whyUnanswered } = situation
  if (whyUnanswered !== undefined) return { to: mode === 'queue' ? 'bury' : 'drop', reason: whyUnanswered }
  if (situation.whyNotShared !== undefined) return { to: 'refuse', reason: situation.whyNotShared }
  if (ended !== undefined) return { to: 'repeat_outcome', ended }
  if (situation.isHere) return { to: 'take_over_ack' }
  if (read.is === 'invalid') return { to: 'reject', issues: read.issues }
  const { job, deadlineAt } = read
  if (situation.cancelled !== undefined) return { to: 'cancel', reason: situation.cancelled.reason }
  if (deadlineAt <= now) return { to: 'cancel', reason: timedOutReason }
  if (mode === 'topic') {
    if (situation.isDraining) return { to: 'drop', reason: 'This worker is shutting down' }
    return { to: situation.isUnopenable ? 'cannot_open' : 'run' }
  }
  // Before its wait is over nobody begins it, so that a mark tells of no loss
  if ((job.wait_ms ?? 0) > 0) return { to: 'rest' }
  if (situation.isRedelivered) {
    if (job.handed_back === true) return { to: 'republish_unmarked' }
    const lost = lostOnceMore(job)
    return { to: isGivenUp(lost, situation.maxLosses) ? 'bury_lost' : 'republish_lost', ...lost }
  }
  if (situation.isDraining) return { to: 'requeue' }
  if (situation.isUnopenable) return { to: 'cannot_open' }
  if (job.alone === undefined) return { to: 'run' }
  const isAgain = job.handed_back === true
  if (situation.isBesideDoubt) return { to: 'pass_on', isAgain }
  return { to: isAgain ? 'republish_unmarked' : 'run_alone' }
}

/** So many losses may have been those of jobs beside it. */
const doubts = 2

function lostOnceMore(job: Job): LossCount {
  const losses = job.losses + 1
  if (job.alone !== undefined) return { losses, alone: job.alone + 1 }
  return losses < doubts ? { losses } : { losses, alone: 0 }
}

const isGivenUp = ({ alone = 0 }: LossCount, maxLosses: number): boolean =>
  maxLosses === 0 || (alone > 0 && alone >= maxLosses)
