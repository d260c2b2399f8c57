/** The error that `run` throws, and how an outcome becomes one. */
import { DroverError, type ErrorCode } from '../contract/errors.ts'
import type { Issue, WireError } from '../contract/mod.ts'
import type { Outcome } from './jobs/state/outcome.ts'

/** The master let go of a job that goes on: it was disposed, or its connection is closed for good. */
export interface Detached {
  readonly type: 'detached'
  readonly reason: string
}

/**
 * A job that did not end in a result. `code` says how: `task_failed`, `rejected`, `cancelled`, `timed_out`, `no_worker`,
 * `job_dead`, `output_invalid`, `closed` (nobody watches it here any more), or why it could not be sent.
 */
export class JobError extends DroverError {
  override name = 'JobError'
  readonly request_id: string
  readonly task: string
  readonly outcome: Exclude<Outcome, { type: 'result' }> | Detached

  constructor(task: string, requestId: string, outcome: JobError['outcome']) {
    super(codeOf(outcome), `Job ${requestId} of "${task}" ${describe(outcome)}`)
    this.task = task
    this.request_id = requestId
    this.outcome = outcome
  }
}

/** Codes that an `error` outcome has only from a task: they name another end, or a fault that stops no job that was sent. */
type NoOutcomes = Extract<
  ErrorCode,
  | 'already_ended'
  | 'broker_unreachable'
  | 'cancelled'
  | 'closed'
  | 'connection_lost'
  | 'input_invalid'
  | 'no_worker'
  | 'not_allowed_here'
  | 'not_authenticated'
  | 'port_taken'
  | 'rejected'
  | 'session_replaced'
  | 'slow_reader'
  | 'task_failed'
  | 'task_invalid'
  | 'timed_out'
  | 'too_many_attempts'
  | 'too_many_messages'
>

/** Every other code: those of an `error` outcome that are Drover's own. */
const ownCodes: Readonly<Record<Exclude<ErrorCode, NoOutcomes>, 1>> = {
  broker_error: 1,
  cannot_open: 1,
  config_invalid: 1,
  forbidden: 1,
  frame_invalid: 1,
  frame_too_large: 1,
  held_too_long: 1,
  isolate_died: 1,
  job_dead: 1,
  keys_unavailable: 1,
  message_invalid: 1,
  output_invalid: 1,
  output_too_large: 1,
  path_forbidden: 1,
  queue_full: 1,
  reply_queue_full: 1,
  seal_refused: 1,
  storage_failed: 1,
  store_failed: 1,
  unsupported: 1,
  unsupported_version: 1,
}

/**
 * The code that an outcome has as an error. A task's own shows as `task_failed`.
 * @param hasLeft whether a worker may have seen the job; else an error is the master's own, with the code that it says
 */
export function codeOf(outcome: Outcome | Detached, hasLeft = true): ErrorCode {
  const notOurs = hasLeft ? 'task_failed' : 'broker_error'
  switch (outcome.type) {
    case 'error': {
      const { code, name } = outcome.error
      const isOurs = hasLeft ? Object.hasOwn(ownCodes, code) : name === 'DroverError'
      return isOurs ? (code as ErrorCode) : notOurs
    }
    case 'answered':
    case 'result':
      return notOurs
    case 'detached':
      return 'closed'
    default:
      return outcome.type
  }
}

function describe(outcome: JobError['outcome']): string {
  switch (outcome.type) {
    case 'error':
      return `failed: ${outcome.error.message || outcome.error.code}`
    case 'rejected':
      return `was rejected: ${outcome.issues.map(describeIssue).join('; ')}`
    case 'cancelled':
      return outcome.reason === undefined ? 'was cancelled' : `was cancelled: ${outcome.reason}`
    case 'timed_out':
      return `had no outcome within ${outcome.timeout_ms} ms; give it a longer timeoutMs, or look whether a worker takes it`
    case 'no_worker':
      return 'was broadcast, and no worker of the task is there; start one'
    case 'answered':
      return 'was broadcast: it has an outcome for each worker'
    case 'detached':
      return `goes on, and is not watched here any more: ${outcome.reason}`
  }
}

const describeIssue = ({ path, message }: Issue) => (path === '' ? message : `${path}: ${message}`)

/** An error as an outcome carries it. */
export function toWireError(error: unknown): WireError {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  return { name, code: error instanceof DroverError ? error.code : 'task_failed', message, retryable: false }
}

/** Why nothing more can be done with a master that was let go of. */
export const disposed = (): DroverError => new DroverError('closed', 'this master was disposed')

/** Why a connection is closed for good. */
export function toClosed(reason: Error | undefined): DroverError {
  if (reason instanceof DroverError) return reason
  return new DroverError('closed', reason?.message ?? 'the connection was closed', { cause: reason })
}
