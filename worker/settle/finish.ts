/** The end of a job here: its outcome is made, remembered and sent, with its ACK. */
import { timedOutReason, type WireError } from '../../shared/contract/mod.ts'
import { type Claim, handedOf, newestOf, type Stopped } from '../consume/claim.ts'
import { type Core, tellJob } from '../core.ts'
import { publishEvent } from './events.ts'
import type { Changed } from './job-bodies.ts'
import { marksOf } from './marks.ts'
import type { Answer } from './memory.ts'
import { deadLetterOf } from './onward.ts'
import { outcomeBytes } from './outcome-bytes.ts'
import type { ReplyFields } from './replies.ts'
import { outputTooLarge } from './too-large.ts'

export type OutcomeFields = Extract<ReplyFields, { type: 'result' | 'error' | 'rejected' | 'cancelled' }>

/** An ended job is remembered until nobody can deliver it any more, and at least so long. */
const leastRememberedMs = 600_000

/**
 * Ends a job. The claim is gone when this returns; the promise resolves when the broker has the outcome, or when it
 * waits in memory for the connection.
 * @param dead the error with which the job goes to dead too
 */
export async function finish(
  core: Core,
  claim: Claim,
  wanted: OutcomeFields,
  dead?: Changed & { error: WireError },
): Promise<void> {
  const now = core.clock.steady()
  const { fields, body, answers } = fitting(core, claim, wanted)
  core.claims.remove(claim)
  const letter = dead === undefined ? undefined : deadLetterOf(core, claim, dead.error, dead)
  const untilAt = Math.max(claim.deadlineAt, now + leastRememberedMs)
  const { requestId: request_id, task, job } = claim
  const { attempt } = job
  const sender = newestOf(claim).origin.headers['drover-sender']
  const marks = marksOf(core.session(), handedOf(claim))
  const ended = { request_id, task, attempt, type: fields.type, sender, body, answers, letter, marks, untilAt }
  core.memory.keep(ended, now)
  core.counts.processed++
  if (fields.type === 'error') core.counts.failed++
  const error = fields.type === 'error' ? fields.error : undefined
  const took_ms = 'took_ms' in fields ? fields.took_ms : undefined
  const reason = fields.type === 'cancelled' ? fields.reason : undefined
  tellJob(core, claim, fields.type, { took_ms, error, reason })
  if (dead !== undefined) tellJob(core, claim, 'dead', { error: dead.error })
  const settled = core.settler.outcome(ended, handedOf(claim), refused => deadLetterOf(core, claim, refused))
  publishEvent(core, claim, fields.type, took_ms)
  await settled
}

/** What a job's news say of a run that was stopped since its worker shuts down. */
export const shutdownReason = 'the worker is shutting down'

/** The outcome of a job that was stopped. */
export function stoppedOutcome({ why, reason }: Stopped): OutcomeFields {
  if (why === 'timed_out') return { type: 'cancelled', reason: timedOutReason }
  if (why === 'shutdown') return { type: 'cancelled', reason: shutdownReason }
  return reason === undefined ? { type: 'cancelled' } : { type: 'cancelled', reason }
}

/** The outcome as messages; one that is too large for the broker becomes an error that says so. */
function fitting(
  core: Core,
  claim: Claim,
  fields: OutcomeFields,
): { fields: OutcomeFields; body: string; answers: readonly Answer[] } {
  const limit = outcomeBytes(core)
  const made = claim.replies.outcome(fields)
  const bytes = bytesIn(made.body, limit)
  if (bytes <= limit) return { fields, ...made }
  const why = core.stomp.frameLimit?.why
  const found = `The outcome is ${bytes} bytes long and the limit here ${limit}; return less, or yield it in pieces`
  const error = outputTooLarge(why ? `${found}: ${why}` : found)
  const took = 'took_ms' in fields ? { took_ms: fields.took_ms } : {}
  const instead: OutcomeFields = { type: 'error', error, ...took }
  return { fields: instead, ...claim.replies.insteadOf(instead) }
}

function bytesIn(text: string, limit: number): number {
  return text.length * 3 <= limit ? text.length : new TextEncoder().encode(text).length
}
