/** How large a message may be, and the errors of one that turned out to be too large, or to find no room. */

import { DroverError, type WireError } from '../../shared/contract/mod.ts'
import { type Stomp, saysNoRoom } from '../../shared/stomp/mod.ts'
import { toWireError } from './wire-error.ts'

/** The limit of a body that may be sent now. */
export interface SizeLimit {
  readonly bytes: number
  /** The setting that bounds it, where there is one. */
  readonly why: string | undefined
}

/** Room for the headers beside a body: destination, ids, pass. */
const headerBytes = 8 * 1024

/** The limit that the other side said or showed, or the worker's own. */
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
 * `reply_queue_full`: the master that asked for the outcome does not read it.
 * @param refused names the full queue or quota
 */
export function replyQueueFull(refused: WireError): WireError {
  const found = `The job ended, and its outcome found no room where its master reads its replies: ${refused.message}`
  const error = toWireError(
    new DroverError('reply_queue_full', `${found}. Read the replies that wait there, then dispatch it again`),
  )
  return { ...error, retryable: true }
}
