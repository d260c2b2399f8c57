/** What the parts of one worker share. */
import type { Clock } from '../shared/clock.ts'
import { DroverError, type WireError } from '../shared/contract/mod.ts'
import type { Session, Stomp } from '../shared/stomp/mod.ts'
import type { Claim, Claims, Stopped } from './consume/claim.ts'
import type { Slots } from './consume/slots.ts'
import type { Implementation } from './implement.ts'
import type { WorkerEvent, WorkerLimits } from './options.ts'
import type { Presence } from './presence/presence.ts'
import type { Still } from './run/still.ts'
import type { Memory } from './settle/memory.ts'
import type { Outbox } from './settle/outbox.ts'
import type { Settler } from './settle/settler.ts'

export interface Core {
  readonly stomp: Stomp
  readonly workerId: string
  readonly name: string
  readonly limits: WorkerLimits
  readonly implementations: ReadonlyMap<string, Implementation>
  /** JSON Schema of the input by task, as it is announced. */
  readonly inputSchemas: ReadonlyMap<string, unknown>
  readonly memory: Memory
  readonly claims: Claims
  readonly slots: Slots<Claim>
  readonly settler: Settler
  readonly outbox: Outbox
  readonly presence: Presence
  /** Jobs that were dropped unstarted when their connection went: delivered again, they are not losses. */
  readonly returned: Set<string>
  /** Jobs with `alone` that came while something ran here, and were passed on for that. */
  readonly passedOn: Set<string>
  /** Which connection there is, or was last, counted from 1. */
  connection: number
  /** Passes of earlier connections than this one are not honoured: a bridge with a new secret has refused one. */
  staleBefore: number
  readonly counts: { processed: number; failed: number; dropped: number }
  isDraining: boolean
  /** The latest there was. */
  session(): Session
  readonly clock: Clock
  readonly still: Still
  /** Resolves once what was sent before has been written to its socket. */
  written(): Promise<void>
  tell(event: WorkerEvent): void
}

/** What a run's signal gives as its reason. */
export function stopReason({ why, reason }: Stopped): DroverError {
  if (why === 'timed_out') return new DroverError('timed_out', 'The job has passed its deadline')
  if (why === 'shutdown') return new DroverError('closed', 'The worker is shutting down')
  return new DroverError(
    'cancelled',
    reason === undefined ? 'The job was cancelled' : `The job was cancelled: ${reason}`,
  )
}

/** What the logs say of a job. */
export function tellJob(
  core: Core,
  claim: Pick<Claim, 'task' | 'requestId' | 'job'>,
  what: Extract<WorkerEvent, { type: 'job' }>['what'],
  more: { took_ms?: number | undefined; error?: WireError | undefined; reason?: string | undefined } = {},
): void {
  core.tell({
    type: 'job',
    what,
    task: claim.task,
    request_id: claim.requestId,
    attempt: claim.job.attempt,
    ...more,
  })
}
