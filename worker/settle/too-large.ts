/** How large a message may be, and what is sent in the place of one that turned out to be too large, or to find no room. */

import { deadLetterBody } from '../../shared/contract/dead-letter.ts'
import { DroverError, type WireError } from '../../shared/contract/mod.ts'
import { type Outgoing, type Stomp, saysNoRoom } from '../../shared/stomp/mod.ts'
import type { WorkerLimits } from '../options.ts'
import { toWireError } from './wire-error.ts'

/** Of a body that may be sent now. */
export interface SizeLimit {
  readonly bytes: number
  /** What bounds it, where that is a setting of somebody's. */
  readonly why: string | undefined
}

/** Room for the headers beside a body: destination, ids, pass. */
const headerBytes = 8 * 1024

/** What the other side said, or was seen, to take, or the worker's own limit. */
export function sizeLimitOf({ frameLimit }: Pick<Stomp, 'frameLimit'>, { maxOutcomeBytes }: WorkerLimits): SizeLimit {
  const { maxFrameBytes, why } = frameLimit ?? {}
  return { bytes: maxFrameBytes === undefined ? maxOutcomeBytes : Math.max(1024, maxFrameBytes - headerBytes), why }
}

/** Whether a refusal is one of a queue, or of somebody's share, that is full, and not of the whole broker. */
export const isFull = ({ code, message }: WireError): boolean => code === 'queue_full' && !saysNoRoom(message)

/** Whether a refusal is one of size. */
export const isTooLarge = ({ code }: WireError): boolean => code === 'frame_too_large'

/** `output_too_large`, which no other attempt would change. */
export function outputTooLarge(message: string): WireError {
  return { ...toWireError(new DroverError('output_too_large', message)), retryable: false }
}

/**
 * `reply_queue_full`: whoever asked for the outcome does not read it.
 * @param refused says what was full
 */
export function replyQueueFull(refused: WireError): WireError {
  const found = `The job ended, and its outcome found no room where its master reads its replies: ${refused.message}`
  const error = toWireError(
    new DroverError('reply_queue_full', `${found}. Read what waits there, then dispatch it again`),
  )
  return { ...error, retryable: true }
}

/**
 * An ended job's messages without what made them large: the outcome as an error that says so, with the `seq` that it had,
 * and its dead letter without the job's input. The same again for the same messages.
 * @param messages outcomes and, where there is one, their dead letter
 * @param error says why, and what to do
 * @param maxBytes of a body
 */
export function withoutPayload(
  messages: readonly Outgoing[],
  letter: Outgoing | undefined,
  error: WireError,
  maxBytes: number,
): Outgoing[] {
  return messages.map(message => {
    const body = message === letter ? smallerLetter(message.body, maxBytes) : smallerOutcome(message.body, error)
    return { ...message, body }
  })
}

function smallerOutcome(whole: string, error: WireError): string {
  const { v, request_id, worker_id, seq, at, attempt, took_ms } = JSON.parse(whole) as Record<string, unknown>
  return JSON.stringify({
    v,
    type: 'error',
    request_id,
    worker_id,
    seq,
    at,
    attempt,
    error,
    took_ms,
  })
}

function smallerLetter(whole: string, maxBytes: number): string {
  const { error, worker_id, at } = JSON.parse(whole) as Parameters<typeof deadLetterBody>[1]
  return deadLetterBody(whole, { error, worker_id, at }, maxBytes / 3)
}
