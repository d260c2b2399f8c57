/** A job as it leaves: with its secrets, where its replies are to go, and when it expires by the broker's clock. */
import { type BrokerSession, destinationsOf, expiryHeaders, type Outgoing } from '../../stomp/mod.ts'
import type { JobDeadlines } from '../jobs/job-deadlines.ts'
import type { JobState } from '../jobs/state/job.ts'
import type { Current } from '../replies/current.ts'
import type { Secrets } from './input.ts'

export interface JobMessagePorts {
  readonly secrets: Pick<Secrets, 'whole'>
  readonly deadlines: Pick<JobDeadlines, 'remaining'>
  readonly current: Pick<Current, 'brokerNow' | 'replyTo'>
}

export function jobMessage(job: JobState, session: BrokerSession, ports: JobMessagePorts): Outgoing {
  const { secrets, deadlines, current } = ports
  const { request_id, task, timeout_ms, created_at, priority, traceparent, attempt } = job
  const { input } = secrets.whole(job)
  const to = destinationsOf(session.namespace)
  const now = current.brokerNow()
  return {
    destination: job.mode === 'queue' ? to.queue(task) : to.topic(task),
    headers: {
      'content-type': 'application/json',
      'correlation-id': request_id,
      'reply-to': current.replyTo,
      persistent: 'true',
      ...expiryHeaders(session.dialect, now + deadlines.remaining(job), now),
      ...(priority === undefined ? {} : { priority: String(priority) }),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    body: JSON.stringify({
      v: 1,
      request_id,
      task,
      input,
      issued_at: created_at,
      timeout_ms,
      attempt,
      losses: 0,
    }),
  }
}
