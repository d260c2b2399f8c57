/** Jobs that go on without an outcome: published again for somebody else, or again here, or to dead. Promise 6. */

import { deadJob } from '../../shared/contract/dead-job.ts'
import type { WireError } from '../../shared/contract/mod.ts'
import { destinationsOf, type Incoming, type Outgoing } from '../../shared/stomp/mod.ts'
import { type Claim, type Copy, handedOf, newestOf } from '../consume/claim.ts'
import type { Lost } from '../consume/decide.ts'
import { type Core, tellJob } from '../core.ts'
import { publishEvent } from './events.ts'
import { type Changed, changedJob } from './job-bodies.ts'
import { deadHeaders, jobHeaders } from './job-headers.ts'
import { outcomeBytes } from './outcome-bytes.ts'

/** The job as it is published again, for each master that waits for it. */
export function jobAgain(core: Core, claim: Claim, changed: Changed = {}, delayMs = 0): Outgoing[] {
  return claim.copies.map(copy => copyAgain(core, claim, copy, changed, delayMs))
}

function copyAgain(core: Core, claim: Claim, { origin, body }: Copy, changed: Changed, delayMs: number): Outgoing {
  const session = core.session()
  const { delayHeader } = session.dialect
  const headers = jobHeaders(origin, session, core.clock.steady())
  const isChanged = Object.keys(changed).length > 0
  return {
    destination: destinationsOf(session.namespace).queue(claim.task),
    headers: delayMs > 0 && delayHeader ? { ...headers, [delayHeader]: String(Math.round(delayMs)) } : headers,
    body: isChanged ? changedJob(body, changed) : body,
  }
}

/** The dead letter of a job that is held. */
export function deadLetterOf(core: Core, claim: Claim, error: WireError, changed: Changed = {}): Outgoing {
  const { origin, body } = newestOf(claim)
  return deadLetter(core, { headers: origin.headers, body }, error, changed)
}

/** A dead letter. */
export function deadLetter(
  core: Core,
  { headers, body }: Pick<Incoming, 'headers' | 'body'>,
  error: WireError,
  changed: Changed = {},
): Outgoing {
  const session = core.session()
  return {
    destination: destinationsOf(session.namespace).dead,
    headers: deadHeaders(headers, session),
    body: deadJob(body, { ...changed, error, worker_id: core.workerId, at: core.clock.now() }, outcomeBytes(core) / 3),
  }
}

/** Publishes a job again as it was: nothing of it ran here. */
export async function giveBack(core: Core, claim: Claim): Promise<void> {
  tellJob(core, claim, 'given_back')
  await publishAgain(core, claim)
}

/** A job has gone back to its queue as it was: nothing of it ran here. */
export function isBack(core: Core, claim: Claim): void {
  core.claims.remove(claim)
  tellJob(core, claim, 'given_back')
}

/** Publishes a job again without a word: what is passed on goes round for as long as it takes. */
export async function publishAgain(core: Core, claim: Claim, changed: Changed = {}): Promise<void> {
  core.claims.remove(claim)
  await release(core, claim, jobAsItWas(core, claim, changed))
}

/**
 * Publishes a job again as it was whose run was stopped since this worker shuts down, and says so to its masters in the same
 * transaction: it is no loss, and no run that failed.
 */
export async function requeue(core: Core, claim: Claim, reason: string): Promise<void> {
  core.claims.remove(claim)
  tellJob(core, claim, 'requeued', { reason })
  const told = claim.replies.outcome({ type: 'requeued', reason }).answers
  publishEvent(core, claim, 'requeued')
  // In this order each copy stands beside the delivery that it settles, as `Commits` wants it.
  await release(core, claim, [...jobAsItWas(core, claim), ...told.map(({ message }) => message)])
}

/**
 * While this worker drains it may be handed the copy itself, by a subscription that is about to close. Where that marks the
 * copy, it says so. It is not delayed: a broker that keeps what it delays apart may lose that when it is killed.
 */
function jobAsItWas(core: Core, claim: Claim, changed: Changed = {}): Outgoing[] {
  const mayComeMarked = core.isDraining && !core.session().dialect.unsubscribeReturns
  return jobAgain(core, claim, mayComeMarked ? { ...changed, handed_back: true } : changed)
}

/** Publishes a job again that lost its worker. */
export async function publishLost(core: Core, claim: Claim, { losses, alone }: Lost): Promise<void> {
  core.claims.remove(claim)
  tellJob(core, claim, 'lost')
  await release(core, claim, jobAgain(core, claim, { losses, alone, handed_back: undefined }))
}

/** Sends a job on. Where that is refused it is over: it goes to dead, and its masters are told why. */
export async function release(core: Core, claim: Claim, messages: readonly Outgoing[]): Promise<void> {
  await core.settler.release({ requestId: claim.requestId, messages, handed: handedOf(claim) }, refused => {
    const error = { ...refused, retryable: false }
    const told = claim.replies.outcome({ type: 'error', error }).answers
    return [...told.map(({ message }) => message), deadLetterOf(core, claim, error)]
  })
}
