/**
 * What to do with a job that was handed to this worker. Pure; the order is promise 6's, and each line of it is a row of
 * the table that tests it.
 */
import { type Issue, type Job, timedOutReason } from '../shared/contract/mod.ts'
import type { Ended } from './memory.ts'
import type { ReadJob } from './read-job.ts'

/** What is known when a job arrives. */
export interface Situation {
  readonly read: ReadJob
  readonly mode: 'queue' | 'topic'
  /** The broker handed it to somebody before. */
  readonly isRedelivered: boolean
  readonly ended: Ended | undefined
  /** Running here, waiting for a slot here, or waiting here for its next attempt. */
  readonly isHere: boolean
  /** Of what ended or is here: why this one may not share its outcome. */
  readonly whyNotShared?: string | undefined
  readonly cancelled: { readonly reason: string | undefined } | undefined
  /** By the steady clock, like `ReadJob`'s deadline. */
  readonly now: number
  readonly isDraining: boolean
  /** How often a job may lose its worker. */
  readonly maxLosses: number
}

export type Decision =
  | { readonly to: 'repeat_outcome'; readonly ended: Ended }
  | { readonly to: 'take_over_ack' }
  /** Its `request_id` is another job's. */
  | { readonly to: 'refuse'; readonly reason: string }
  | { readonly to: 'cancel'; readonly job: Job; readonly reason: string | undefined }
  | { readonly to: 'publish_lost'; readonly job: Job; readonly losses: number }
  | { readonly to: 'bury_lost'; readonly job: Job; readonly losses: number }
  | { readonly to: 'hand_back'; readonly job: Job }
  /** The mark is that of a worker that shut down: nothing had begun. */
  | { readonly to: 'unmark'; readonly job: Job }
  | { readonly to: 'run'; readonly job: Job }
  | { readonly to: 'reject'; readonly requestId: string; readonly issues: readonly Issue[] }
  /** Nobody can be answered: to the dead queue with the reason. */
  | { readonly to: 'bury'; readonly reason: string }
  /** A broadcast that nobody here can do anything about: every worker would bury its own copy. */
  | { readonly to: 'drop'; readonly reason: string }

export function decide(situation: Situation): Decision {
  const { read, mode, ended, now } = situation
  if (read.is === 'unanswerable') return { to: mode === 'queue' ? 'bury' : 'drop', reason: read.reason }
  if (situation.whyNotShared !== undefined) return { to: 'refuse', reason: situation.whyNotShared }
  if (ended !== undefined) return { to: 'repeat_outcome', ended }
  if (situation.isHere) return { to: 'take_over_ack' }
  if (read.is === 'invalid') return { to: 'reject', requestId: read.requestId, issues: read.issues }
  const { job, deadlineAt } = read
  if (situation.cancelled !== undefined) return { to: 'cancel', job, reason: situation.cancelled.reason }
  if (deadlineAt <= now) return { to: 'cancel', job, reason: timedOutReason }
  if (mode === 'topic') {
    return situation.isDraining ? { to: 'drop', reason: 'This worker is shutting down' } : { to: 'run', job }
  }
  if (situation.isRedelivered) {
    if (job.handed_back === true) return { to: 'unmark', job }
    const losses = job.losses + 1
    return { to: losses > situation.maxLosses ? 'bury_lost' : 'publish_lost', job, losses }
  }
  return situation.isDraining ? { to: 'hand_back', job } : { to: 'run', job }
}
