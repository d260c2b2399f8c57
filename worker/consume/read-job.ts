/**
 * A delivered message as a job: read leniently enough that the sender of a bad one is told its faults, wherever that
 * can be done.
 */
import { defaultTimeoutMs } from '../../shared/contract/default-timeouts.ts'
import {
  DroverError,
  type Issue,
  isSameId,
  type Job,
  parseJob,
  RequestId,
  requestIdIn,
  type Task,
} from '../../shared/contract/mod.ts'
import { type BrokerSession, destinationsOf, type Incoming } from '../../shared/stomp/mod.ts'
import { furthestAt, instantIn, replyDestination } from '../job-copy.ts'

export type ReadJob =
  | {
      readonly is: 'job'
      readonly requestId: string
      readonly job: Job
      readonly replyTo: string
      /** When it must have ended, by the steady clock. */
      readonly deadlineAt: number
    }
  | {
      readonly is: 'invalid'
      readonly requestId: string
      readonly replyTo: string
      readonly issues: readonly Issue[]
      readonly deadlineAt: number
    }
  /** There is nobody to tell, or nobody that may be told. */
  | { readonly is: 'unanswerable'; readonly requestId: undefined; readonly reason: string }

/**
 * Reads a job and its headers.
 * @param task the task whose destination it came by
 * @param now the present of the steady clock, ms
 * @param wantsSignature whether a job without its sender's signature is refused, which one in the open has not
 */
export function readJob(
  incoming: Incoming,
  task: Task,
  mode: 'queue' | 'topic',
  session: BrokerSession,
  now: number,
  wantsSignature = false,
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
      deadlineAt: now + leftMs(headers, undefined, task, mode),
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
  if (task.sealed === 'required' && job.sealed === undefined) {
    const message = `Task "${task.name}" takes sealed jobs only; give the master its keys (seal: { keys }, or --seal)`
    return invalid([{ path: 'input', message }], message)
  }
  if (wantsSignature && job.sealed === undefined) {
    const message =
      'This worker takes signed jobs only; give the master its keys and one to sign by (seal: { keys, sign })'
    return invalid([{ path: 'input', message }], message)
  }
  const deadlineAt = now + leftMs(headers, job, task, mode)
  return { is: 'job', requestId: job.request_id, job, replyTo, deadlineAt }
}

/**
 * How long from receipt it may take, its wait included. Broker and sender name `timestamp` and `expires` by one clock, the
 * broker's; without both it is the job's timeout, since nobody knows its age. It is no more than that in any case, since a job
 * that the broker kept back has a `timestamp` from before its wait.
 */
function leftMs(headers: Incoming['headers'], job: Job | undefined, task: Task, mode: 'queue' | 'topic'): number {
  const expires = instantIn(headers.expires)
  const timestamp = instantIn(headers.timestamp)
  const waitMs = mode === 'queue' ? (job?.wait_ms ?? 0) : 0
  if (expires > 0 && timestamp > 0) {
    const ownMs = job?.timeout_ms === undefined ? Number.POSITIVE_INFINITY : job.timeout_ms + waitMs
    return Math.min(Math.min(expires, furthestAt) - timestamp, ownMs)
  }
  return Math.min((job?.timeout_ms ?? task.timeoutMs ?? defaultTimeoutMs[mode]) + waitMs, furthestAt)
}

function unanswerable(reason: string): ReadJob {
  return { is: 'unanswerable', requestId: undefined, reason }
}

function cut(text: string | undefined): string {
  return (text ?? '').slice(0, 200)
}
