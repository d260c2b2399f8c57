/**
 * A delivered message as a job: read leniently enough that whoever sent a bad one is told what is wrong with it,
 * wherever that can be done.
 */
import {
  DroverError,
  type Issue,
  isSameId,
  type Job,
  parseJob,
  RequestId,
  requestIdIn,
  type Task,
} from '../shared/contract/mod.ts'
import { destinationsOf, type Incoming, type Session } from '../shared/stomp/mod.ts'
import { replyDestination } from './reply-to.ts'

export type ReadJob =
  | {
      readonly is: 'job'
      readonly requestId: string
      readonly job: Job
      readonly replyTo: string
      /** When it must have ended, by this machine's clock. */
      readonly deadlineAt: number
    }
  | {
      readonly is: 'invalid'
      readonly requestId: string
      readonly replyTo: string
      readonly issues: readonly Issue[]
      readonly deadlineAt: number
    }
  /** Nobody to tell, or nobody who may be told. */
  | { readonly is: 'unanswerable'; readonly requestId: undefined; readonly reason: string }

/** Default timeouts: every job has one. Design section 3. */
export const defaultTimeoutMs = { queue: 3_600_000, topic: 60_000 }

/**
 * Reads a job and what its headers say.
 * @param task the task whose destination it came by
 * @param now this machine's clock, ms since the epoch
 */
export function readJob(
  incoming: Incoming,
  task: Task,
  mode: 'queue' | 'topic',
  session: Session,
  now: number,
): ReadJob {
  const { headers, body } = incoming
  const to = destinationsOf(session.namespace)
  const replyTo = replyDestination(session.namespace, to, session.dialect, headers['reply-to'])
  if (replyTo === undefined) {
    return unanswerable(
      `reply-to "${cut(headers['reply-to'])}" is not a reply queue of namespace "${session.namespace}"; a worker answers no other`,
    )
  }
  const correlationId = headers['correlation-id'] || undefined
  const invalid = (issues: readonly Issue[], reason: string): ReadJob => {
    const requestId = RequestId.safeParse(correlationId).success ? correlationId : requestIdIn(body)
    if (requestId === undefined) return unanswerable(reason)
    return {
      is: 'invalid',
      requestId,
      replyTo,
      issues,
      deadlineAt: deadlineOf(headers, undefined, task, mode, session, now),
    }
  }
  let job: Job
  try {
    job = parseJob(body)
  } catch (error) {
    const message = error instanceof DroverError ? error.message : 'This job cannot be read'
    const path = error instanceof DroverError && error.code === 'unsupported_version' ? 'v' : ''
    return invalid([{ path, message }], message)
  }
  if (correlationId !== undefined && !isSameId(correlationId, job.request_id)) {
    const message = `correlation-id is "${cut(correlationId)}" and the body's request_id ${job.request_id}; expected the same`
    return invalid([{ path: 'request_id', message }], message)
  }
  if (job.task !== task.name) {
    const message = `A job of task "${job.task}" came by the destination of "${task.name}"; send it to its own`
    return invalid([{ path: 'task', message }], message)
  }
  const deadlineAt = deadlineOf(headers, job, task, mode, session, now)
  return { is: 'job', requestId: job.request_id, job, replyTo, deadlineAt }
}

/** `expires` is in the bridge's time; without it the timeout counts from receipt, since nobody knows the job's age. */
function deadlineOf(
  headers: Incoming['headers'],
  job: Job | undefined,
  task: Task,
  mode: 'queue' | 'topic',
  session: Session,
  now: number,
): number {
  // Some brokers pass on whatever was written: 0x10 and 1e3 are no instants in anybody's time.
  const expires = /^\s*\d+\s*$/.test(headers.expires ?? '') ? Number(headers.expires) : 0
  if (expires > 0) return Math.min(expires, furthestAt) - session.clockOffsetMs
  return Math.min(now + (job?.timeout_ms ?? task.timeoutMs ?? defaultTimeoutMs[mode]), furthestAt)
}

/** Far off, and of 15 digits even with the hour more that a reply is given: a bridge refuses longer `expires`. */
const furthestAt = 9e14

function unanswerable(reason: string): ReadJob {
  return { is: 'unanswerable', requestId: undefined, reason }
}

function cut(text: string | undefined): string {
  return (text ?? '').slice(0, 200)
}
