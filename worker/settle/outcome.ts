/** The outcome of a job: what it is of one that was stopped, and what it becomes where it is too large to be sent. */
import { DroverError, type OutcomeReply, timedOutReason } from '../../shared/contract/mod.ts'
import type { Stopped } from '../held-job.ts'
import type { Answer } from './job-memory.ts'
import type { Replies, ReplyFields } from './replies.ts'
import { outputTooLarge, type SizeLimit } from './too-large.ts'

export type OutcomeFields = Extract<ReplyFields, { type: OutcomeReply['type'] }>

/** What a job's news say of a run that was stopped since its worker shuts down. */
export const shutdownReason = 'the worker is shutting down'

/** The outcome of a job that was stopped. */
export function stoppedOutcome({ why, reason }: Stopped): OutcomeFields {
  if (why === 'timed_out') return { type: 'cancelled', reason: timedOutReason }
  if (why === 'shutdown') return { type: 'cancelled', reason: shutdownReason }
  return reason === undefined ? { type: 'cancelled' } : { type: 'cancelled', reason }
}

/** What a run's signal gives as its reason. */
export function stopReason({ why, reason }: Stopped): DroverError {
  if (why === 'timed_out') return new DroverError('timed_out', 'The job has passed its deadline')
  if (why === 'shutdown') return new DroverError('closed', 'The worker is shutting down')
  return new DroverError(
    'cancelled',
    reason === undefined ? 'The job was cancelled' : `The job was cancelled: ${reason}`,
  )
}

/** The outcome as messages; one that is too large for the broker becomes an error that says so. */
export function fittingOutcome(
  replies: Replies,
  fields: OutcomeFields,
  { bytes: limit, why }: SizeLimit,
): { fields: OutcomeFields; body: string; answers: readonly Answer[] } {
  const made = replies.outcome(fields)
  const bytes = bytesIn(made.body, limit)
  if (bytes <= limit) return { fields, ...made }
  const found = `The outcome is ${bytes} bytes long and the limit here ${limit}; return less, or yield it in pieces`
  const error = outputTooLarge(why ? `${found}: ${why}` : found)
  const took = 'took_ms' in fields ? { took_ms: fields.took_ms } : {}
  const instead: OutcomeFields = { type: 'error', error, ...took }
  return { fields: instead, ...replies.insteadOf(instead) }
}

function bytesIn(text: string, limit: number): number {
  return text.length * 3 <= limit ? text.length : new TextEncoder().encode(text).length
}
