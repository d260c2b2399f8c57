/** How large a message may be, and what is sent in the place of one that turned out to be too large, or to find no room. */

import { DroverError, type WireError } from '../../shared/contract/mod.ts'
import { type Stomp, saysNoRoom } from '../../shared/stomp/mod.ts'
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
export function sizeLimitOf(
  { frameLimit }: Pick<Stomp, 'frameLimit'>,
  { maxOutcomeBytes }: { maxOutcomeBytes: number },
): SizeLimit {
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
