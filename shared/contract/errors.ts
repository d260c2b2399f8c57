/**
 * One error class and a closed list of codes: programs switch on `code`, people read `message`, logs keep `cause`.
 * On the wire an error is `{name, code, message, retryable}` and nothing else: no stack, no cause.
 */

/** Every `code` that Drover itself gives. A task's own errors have codes of their own. */
export type ErrorCode =
  | 'already_ended'
  | 'broker_error'
  | 'broker_unreachable'
  | 'cancelled'
  | 'cannot_open'
  | 'closed'
  | 'config_invalid'
  | 'connection_lost'
  | 'forbidden'
  | 'frame_invalid'
  | 'frame_too_large'
  | 'held_too_long'
  | 'input_invalid'
  | 'isolate_died'
  | 'job_dead'
  | 'keys_unavailable'
  | 'message_invalid'
  | 'no_worker'
  | 'not_allowed_here'
  | 'not_authenticated'
  | 'output_invalid'
  | 'output_too_large'
  | 'path_forbidden'
  | 'port_taken'
  | 'queue_full'
  | 'rejected'
  | 'reply_queue_full'
  | 'seal_refused'
  | 'session_replaced'
  | 'slow_reader'
  | 'storage_failed'
  | 'store_failed'
  | 'task_failed'
  | 'task_invalid'
  | 'timed_out'
  | 'too_many_attempts'
  | 'too_many_messages'
  | 'unsupported'
  | 'unsupported_version'

/**
 * The error that Drover throws. Its `message` is one sentence: the failure, the value found, the one expected, and the remedy.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { DroverError } from 'drover/contract'
 * const error = new DroverError('no_worker', 'No worker announced "image.thumbnail"; start one')
 * assert.equal(error.code, 'no_worker')
 * assert.equal(error.name, 'DroverError')
 * ```
 */
export class DroverError extends Error {
  override name = 'DroverError'
  readonly code: ErrorCode

  /**
   * @param code for programs to switch on
   * @param message for people
   * @param options `cause`: the error behind this one; it stays out of messages and off the wire
   */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
