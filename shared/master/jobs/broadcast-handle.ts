/** The handle of a job that every worker takes. Promise 2. */
import type { AnyTask, WireError } from '../../contract/mod.ts'
import type { Detached } from '../errors.ts'
import type { JobFeed } from './job-feed.ts'
import { type Canceller, type Handle, handleOf } from './job-handle.ts'
import { parseOutput } from './output.ts'
import { missingOf } from './state/broadcast.ts'
import type { JobState } from './state/job.ts'
import type { Outcome, WorkerOutcome } from './state/outcome.ts'

/** How a broadcast ended. */
export interface BroadcastResult<Output = unknown> {
  /** `answered`: as `until` asked. `error`: it could not be sent. `detached`: it goes on, not watched from here. */
  readonly type: 'answered' | 'timed_out' | 'no_worker' | 'cancelled' | 'error' | 'detached'
  /** One for each worker that has ended its part, failures included. */
  readonly outcomes: readonly WorkerOutcome<Output>[]
  /** Names of the workers that should have answered and did not. */
  readonly missing: readonly string[]
  /** Of `error`. */
  readonly error?: WireError
}

export interface BroadcastHandle<Output = unknown> extends Handle {
  readonly mode: 'topic'
  /** Never rejects. */
  readonly done: Promise<BroadcastResult<Output>>
}

export const broadcastHandle = (feed: JobFeed, task: AnyTask | undefined, jobs: Canceller): BroadcastHandle =>
  handleOf(feed, jobs, 'topic', 'done', ended => toResult(feed.state, ended, task)) as BroadcastHandle

async function toResult(
  state: JobState,
  ended: Outcome | Detached,
  task: AnyTask | undefined,
): Promise<BroadcastResult> {
  const answers = state.workers.flatMap(({ worker_id, name, outcome }) => {
    if (outcome === undefined) return []
    // An outcome may overtake every message that names its worker.
    const said = outcome.name ?? name ?? state.expected?.find(one => one.worker_id === worker_id)?.name
    return [{ worker_id, ...outcome, ...(said === undefined ? {} : { name: said }) }]
  })
  const outcomes = await Promise.all(answers.map(outcome => parseOutput(task, outcome)))
  const missing = 'missing' in ended ? ended.missing : ended.type === 'no_worker' ? [] : missingOf(state)
  if (ended.type === 'error') return { type: 'error', outcomes, missing: missing ?? [], error: ended.error }
  const type = ended.type === 'result' || ended.type === 'rejected' ? 'answered' : ended.type
  return { type, outcomes, missing: missing ?? [] }
}
