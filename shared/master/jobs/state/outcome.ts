/** Outcomes: each ends a job, and comes from a worker or from the master itself. Design sections 1 and 5. */
import type { Issue, OutcomeReply, WireError } from '../../../contract/mod.ts'

/** The worker that ended it; absent where the master did. */
export interface OutcomeSource {
  readonly worker_id?: string | undefined
  /** The worker's stable name, where it was heard. */
  readonly name?: string | undefined
  readonly attempt?: number | undefined
}

/** The outcome of one worker. */
export type WorkerOutcome<Output = unknown> = OutcomeSource &
  (
    | { readonly type: 'result'; readonly output: Output; readonly took_ms?: number | undefined }
    /** A run failed for good; or, without `worker_id`, the job could not be sent or its output not be read. */
    | { readonly type: 'error'; readonly error: WireError; readonly took_ms?: number | undefined }
    | { readonly type: 'rejected'; readonly issues: readonly Issue[] }
    | { readonly type: 'cancelled'; readonly reason?: string | undefined }
  )

/** The one outcome that is shown for a job. */
export type Outcome<Output = unknown> =
  | WorkerOutcome<Output>
  /** The master's own: no outcome came within the timeout. `missing` names the workers that should have answered a broadcast. */
  | { readonly type: 'timed_out'; readonly timeout_ms: number; readonly missing?: readonly string[] }
  /** A broadcast that ended as its `until` asked; `missing` names the workers that did not answer. */
  | { readonly type: 'answered'; readonly missing: readonly string[] }
  /** A broadcast that nobody was there for. */
  | { readonly type: 'no_worker' }

export type OutcomeType = Outcome['type']

/** The outcome that a reply states. */
export function toOutcome(reply: OutcomeReply, name: string | undefined): WorkerOutcome {
  const source = {
    attempt: reply.attempt,
    ...(reply.worker_id === undefined ? {} : { worker_id: reply.worker_id }),
    ...(name === undefined ? {} : { name }),
  }
  switch (reply.type) {
    case 'result':
      return { ...source, type: 'result', output: reply.output, ...took(reply.took_ms) }
    case 'error':
      return { ...source, type: 'error', error: reply.error, ...took(reply.took_ms) }
    case 'rejected':
      return { ...source, type: 'rejected', issues: reply.issues }
    case 'cancelled':
      return { ...source, type: 'cancelled', ...(reply.reason === undefined ? {} : { reason: reply.reason }) }
  }
}

const took = (took_ms: number | undefined) => (took_ms === undefined ? {} : { took_ms })
