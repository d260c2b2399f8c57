/** Jobs that go on after a break: of an earlier run of this master, as they were kept, or of an earlier run of the broker. */
import type { Clock } from '../clock.ts'
import type { Reply } from '../contract/mod.ts'
import type { Stomp } from '../stomp/mod.ts'
import type { Controls } from './controls.ts'
import { toWireError } from './errors.ts'
import type { Jobs } from './jobs.ts'
import type { Outbox } from './outbox.ts'
import type { Roster } from './roster.ts'
import { type Secrets, secretIsGone } from './secrets.ts'
import type { JobState } from './state/job.ts'
import { liesWithBroker } from './state/reduce.ts'

export interface RestoreParts {
  readonly jobs: Jobs
  readonly roster: Roster
  readonly controls: Controls
  readonly outbox: Outbox
  readonly secrets: Secrets
  readonly clock: Clock
}

/** Takes up a job that was stored; one that is known already stays as it is. */
export function restoreJob(job: JobState, parts: RestoreParts): void {
  const { jobs, roster, controls } = parts
  const { request_id, task, phase } = job
  if (jobs.book.jobs.has(request_id)) return
  jobs.restore(job)
  if (phase.at !== 'ended') roster.watch(task)
  if (phase.at === 'unsent') restoreUnsent(job, parts)
  if (phase.at === 'cancelling') controls.cancel(request_id, task, phase.reason)
}

function restoreUnsent(job: JobState, { jobs, outbox, secrets, clock }: RestoreParts): void {
  const { request_id, phase } = job
  if (secrets.has(job)) outbox.add(request_id)
  // What may have left may be running: its outcome, or its timeout, ends it.
  else if (phase.at === 'unsent' && !phase.tried)
    jobs.apply(request_id, { type: 'refused', error: toWireError(secretIsGone()), at: clock.now() })
}

/** Whether its worker says that a broker has the job now. */
export const isPublishedAgain = ({ type }: Reply): boolean => type === 'retrying' || type === 'requeued'

/**
 * Sends again what a broker took and has forgotten, as far as no worker has it. A broker that keeps what it takes does not say
 * which run of it there is.
 * @param requestIds of those that were open before this connection, or that a worker has let go of
 */
export function sendForgotten(
  { state }: Pick<Stomp, 'state'>,
  requestIds: Iterable<string>,
  { jobs, outbox, secrets, clock }: RestoreParts,
): void {
  const run = state.at === 'open' ? state.session.run : undefined
  if (run === undefined) return
  for (const request_id of requestIds) {
    const job = jobs.book.jobs.get(request_id)
    // Sent to a broker that did not say which run it was: that of an earlier version, so not this one
    if (job === undefined || !liesWithBroker(job) || job.broker_run === run) continue
    jobs.apply(request_id, { type: 'forgotten' })
    if (secrets.has(job)) outbox.add(request_id)
    else jobs.apply(request_id, { type: 'refused', error: toWireError(secretIsGone()), at: clock.now() })
  }
}
