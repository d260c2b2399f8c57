/** Tells what became of jobs, without payloads, to whoever may observe the task. Best effort: nobody waits for it. */
import { type EventType, type JobEvent, wireVersion } from '../../shared/contract/mod.ts'
import { destinationsOf } from '../../shared/stomp/mod.ts'
import { type Claim, newestOf } from '../consume/claim.ts'
import type { Core } from '../core.ts'

/** Publishes an event; does nothing while there is no connection. */
export function publishEvent(core: Core, claim: Claim, type: EventType, tookMs?: number): void {
  if (core.stomp.state.at !== 'open') return
  const event: JobEvent = {
    v: wireVersion,
    request_id: claim.requestId,
    type,
    worker_id: core.workerId,
    attempt: claim.job.attempt,
    took_ms: tookMs,
    sender: newestOf(claim).origin.headers['drover-sender'],
  }
  core.outbox.send({
    destination: destinationsOf(core.session().namespace).events(claim.task),
    headers: { 'content-type': 'application/json', persistent: 'false' },
    body: JSON.stringify(event),
  })
}
