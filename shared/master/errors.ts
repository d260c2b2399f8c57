/** What `run` throws, and how an outcome becomes an error. */
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

/** Codes of an `error` outcome that are Drover's own; any other is a task's and shows as `task_failed`. */
const ownCodes: readonly ErrorCode[] = [
  'broker_error',
  'forbidden',
  'frame_invalid',
  'frame_too_large',
  'job_dead',
  'output_invalid',
  'output_too_large',
  'path_forbidden',
  'queue_full',
  'reply_queue_full',
  'storage_failed',
  'unsupported',
  'unsupported_version',
]

function codeOf(outcome: JobError['outcome']): ErrorCode {
  switch (outcome.type) {
    case 'error':
      return ownCodes.find(code => code === outcome.error.code) ?? 'task_failed'
    case 'answered':
      return 'task_failed'
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
