/** A job as it leaves: with its secrets, where its replies are to go, and when it expires by the broker's clock. */
import { DroverError } from '../../contract/errors.ts'
import {
  type BrokerSession,
  destinationsOf,
  encodeOwner,
  expiryHeaders,
  keptBack,
  type Outgoing,
} from '../../stomp/mod.ts'
import type { JobDeadlines } from '../jobs/job-deadlines.ts'
import type { JobState } from '../jobs/state/job.ts'
import type { Current } from '../replies/current.ts'
import type { JobSeals } from '../sealing/job-seals.ts'
import type { Secrets } from './input.ts'

export interface JobMessagePorts {
  /** Absent: jobs travel in the open. */
  readonly seals?: Pick<JobSeals, 'seal'> | undefined
  readonly secrets: Pick<Secrets, 'whole'>
  readonly deadlines: Pick<JobDeadlines, 'remaining'>
  readonly current: Pick<Current, 'brokerNow' | 'replyTo'>
}

/** @returns a promise only where the job is sealed. @throws {DroverError} as `JobSeals.seal` */
export function jobMessage(
  job: JobState,
  session: BrokerSession,
  ports: JobMessagePorts,
): Outgoing | Promise<Outgoing> {
  const { secrets, deadlines, current, seals } = ports
  const { request_id, task, timeout_ms, created_at, attempts, priority, attempt, tags, to } = job
  const { traceparent, tracestate } = job
  const { input } = secrets.whole(job)
  if (to !== undefined && session.bridged && session.features?.includes('named') !== true) throw noNames(request_id)
  const now = current.brokerNow()
  const remainingMs = deadlines.remaining(job)
  const expiresAt = now + remainingMs
  const kept = keptBack(session, job.starts_at === undefined ? 0 : remainingMs - timeout_ms)
  const message = (content: { readonly input: unknown } | { readonly sealed: unknown }): Outgoing => ({
    destination: destinationOf(job, session),
    headers: {
      'content-type': 'application/json',
      'correlation-id': request_id,
      'reply-to': current.replyTo,
      persistent: 'true',
      ...expiryHeaders(session.dialect, expiresAt, now),
      ...kept.headers,
      ...(priority === undefined ? {} : { priority: String(priority) }),
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(tracestate === undefined ? {} : { tracestate }),
    },
    body: JSON.stringify({
      v: 1,
      request_id,
      task,
      ...content,
      issued_at: created_at,
      timeout_ms,
      wait_ms: kept.wait_ms,
      attempt,
      attempts,
      losses: 0,
      tags,
      to,
    }),
  })
  if (job.sealed === undefined) return message({ input })
  if (seals === undefined) throw noSeal(request_id)
  return seals.seal(job, input, session.namespace, expiresAt).then(sealed => message({ sealed }))
}

function destinationOf({ mode, task, to }: JobState, { namespace }: BrokerSession): string {
  const destinations = destinationsOf(namespace)
  if (mode === 'topic') return destinations.topic(task)
  return to === undefined ? destinations.queue(task) : destinations.named(task, encodeOwner(to))
}

/** Such a bridge would end the session for it. */
const noNames = (requestId: string): DroverError =>
  new DroverError(
    'unsupported',
    `Job ${requestId} is for one worker by name, which this bridge does not know yet; update the bridge`,
  )

/** It was dispatched by a master that seals, and stored; another one does not send it in the open. */
const noSeal = (requestId: string): DroverError =>
  new DroverError(
    'config_invalid',
    `Job ${requestId} is to be sealed, and this master has no seal; give it the same keys`,
  )
