/** The outcomes of jobs that were stopped or are refused, and messages whose payload was refused. */
import { deadLetterBody } from '../../shared/contract/dead-letter.ts'
import { DroverError, type Issue, timedOutReason, type WireError } from '../../shared/contract/mod.ts'
import type { Outgoing } from '../../shared/stomp/mod.ts'
import type { HeldJob, Stopped } from '../held-job.ts'
import { errorInstead, type OutcomeFields } from './replies.ts'
import { toWireError } from './wire-error.ts'

/** The reason of a run that was stopped since its worker shuts down. */
export const shutdownReason = 'the worker is shutting down'

/** The reason of a broadcast that did not begin, since an operator paused its task here. */
export const pausedReason = 'the worker is paused'

/** The outcome of a job that was stopped. */
export function stoppedOutcome({ why, reason }: Stopped): OutcomeFields {
  if (why === 'timed_out') return { type: 'cancelled', reason: timedOutReason }
  if (why === 'held_too_long')
    return { type: 'error', error: { ...toWireError(stopReason({ why, reason })), retryable: false } }
  if (why === 'shutdown') return { type: 'cancelled', reason: shutdownReason }
  if (why === 'paused') return { type: 'cancelled', reason: pausedReason }
  return reason === undefined ? { type: 'cancelled' } : { type: 'cancelled', reason }
}

/** The reason of a run's signal. */
export function stopReason({ why, reason }: Stopped): DroverError {
  if (why === 'timed_out') return new DroverError('timed_out', 'The job has passed its deadline')
  if (why === 'shutdown') return new DroverError('closed', 'The worker is shutting down')
  if (why === 'held_too_long') return new DroverError('held_too_long', reason ?? 'The broker takes this job back')
  if (why === 'paused') return new DroverError('closed', 'The worker is paused')
  return new DroverError(
    'cancelled',
    reason === undefined ? 'The job was cancelled' : `The job was cancelled: ${reason}`,
  )
}

/**
 * The end of a job that is no use to any worker: its sender is told why, and a queue's job is kept for operators.
 * @param code of the error with which it goes to dead
 * @returns the outcome, and that error
 */
export function rejection(
  { mode }: Pick<HeldJob, 'mode'>,
  issues: readonly Issue[],
  code = 'rejected',
): [OutcomeFields, { error: WireError } | undefined] {
  const message = issues.map(issue => issue.message).join('; ')
  const error: WireError = { name: 'DroverError', code, message, retryable: false }
  return [{ type: 'rejected', issues: [...issues] }, mode === 'queue' ? { error } : undefined]
}

/** The end of a job whose seal is refused. */
export const sealRefusal = (
  held: Pick<HeldJob, 'mode'>,
  { code, message }: DroverError,
): ReturnType<typeof rejection> => rejection(held, [{ path: '', message }], code)

/**
 * An ended job's messages without the payload that made them large: the outcome as an error that says so, with its own `seq`, and
 * its dead letter without the job's input. The same again for the same messages.
 * @param messages outcomes and, where there is one, their dead letter
 * @param error says why, and how to mend it
 * @param maxBytes of a body
 */
export function withoutPayload(
  messages: readonly Outgoing[],
  letter: Outgoing | undefined,
  error: WireError,
  maxBytes: number,
): Outgoing[] {
  return messages.map(message => {
    const body = message === letter ? smallerLetter(message.body, maxBytes) : errorInstead(message.body, error)
    return { ...message, body }
  })
}

function smallerLetter(whole: string, maxBytes: number): string {
  const { error, worker_id, at } = JSON.parse(whole) as Parameters<typeof deadLetterBody>[1]
  return deadLetterBody(whole, { error, worker_id, at }, maxBytes / 3)
}
