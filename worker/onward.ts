/** Jobs that go on without an outcome: published again for somebody else, or again here, or to dead. Promise 6. */

import { deadJob } from '../shared/contract/dead-job.ts'
import type { WireError } from '../shared/contract/mod.ts'
import { destinationsOf, type Incoming, type Outgoing } from '../shared/stomp/mod.ts'
import { type Claim, type Copy, handedOf, newestOf } from './claim.ts'
import { type Core, tellJob } from './core.ts'
import { changedJob } from './job-bodies.ts'
import { deadHeaders, jobHeaders } from './job-headers.ts'
import { outcomeBytes } from './outcome-bytes.ts'

/** The job as it is published again, for each master that waits for it. */
export function jobAgain(
  core: Core,
  claim: Claim,
  changed: { attempt?: number; losses?: number } = {},
  delayMs = 0,
): Outgoing[] {
  return claim.copies.map(copy => copyAgain(core, claim, copy, changed, delayMs))
}

function copyAgain(
  core: Core,
  claim: Claim,
  { origin, body }: Copy,
  changed: { attempt?: number; losses?: number },
  delayMs: number,
): Outgoing {
  const session = core.session()
  const { delayHeader } = session.dialect
  const headers = jobHeaders(origin, session, core.clock.steady())
  const isChanged = changed.attempt !== undefined || changed.losses !== undefined
  return {
    destination: destinationsOf(session.namespace).queue(claim.task),
    headers: delayMs > 0 && delayHeader ? { ...headers, [delayHeader]: String(Math.round(delayMs)) } : headers,
    body: isChanged ? changedJob(body, changed) : body,
  }
}

/** The dead letter of a job that is held. */
export function deadLetterOf(
  core: Core,
  claim: Claim,
  error: WireError,
  changed: { attempt?: number; losses?: number } = {},
): Outgoing {
  const { origin, body } = newestOf(claim)
  return deadLetter(core, { headers: origin.headers, body }, error, changed)
}

/** A dead letter. */
export function deadLetter(
  core: Core,
  { headers, body }: Pick<Incoming, 'headers' | 'body'>,
  error: WireError,
  changed: { attempt?: number; losses?: number } = {},
): Outgoing {
  const session = core.session()
  return {
    destination: destinationsOf(session.namespace).dead,
    headers: deadHeaders(headers, session),
    body: deadJob(body, { ...changed, error, worker_id: core.workerId, at: core.clock.now() }, outcomeBytes(core) / 3),
  }
}

/** So that it does not come back to a lane of this very worker that is about to close, from where it would be a loss. */
const untilLanesAreClosedMs = 500

/** Publishes a job again unchanged: nothing of it ran here. */
export async function giveBack(core: Core, claim: Claim): Promise<void> {
  core.claims.remove(claim)
  tellJob(core, claim, 'given_back')
  const mustWait = core.isDraining && !core.session().dialect.unsubscribeReturns
  if (mustWait && core.session().dialect.delayHeader !== undefined)
    core.delayed.set(claim.requestId, core.clock.steady())
  await release(core, claim, jobAgain(core, claim, {}, mustWait ? untilLanesAreClosedMs : 0))
}

/** Publishes a job again that lost its worker: another one, or this one as it shuts down. */
export async function publishLost(core: Core, claim: Claim, losses: number): Promise<void> {
  core.claims.remove(claim)
  tellJob(core, claim, 'lost')
  await release(core, claim, jobAgain(core, claim, { losses }))
}

/** Sends a job on. Where that is refused it is over: it goes to dead, and its masters are told why. */
export async function release(core: Core, claim: Claim, messages: readonly Outgoing[]): Promise<void> {
  await core.settler.release(claim.requestId, messages, handedOf(claim), refused => {
    const error = { ...refused, retryable: false }
    const told = claim.replies.outcome({ type: 'error', error }).answers
    return [...told.map(({ message }) => message), deadLetterOf(core, claim, error)]
  })
}
