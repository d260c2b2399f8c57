/** The headers that a worker sends: of replies, and of jobs that go on (published again, or to dead). Design section 3. */
import { destinationsOf, expiryHeaders, type Headers, type Session } from '../shared/stomp/mod.ts'

/** What every message about a job is made from. */
export interface JobOrigin {
  readonly requestId: string
  /** As the job was delivered. */
  readonly headers: Headers
  /** Where it is answered. */
  readonly replyTo: string
  /** By this machine's clock, ms since the epoch. */
  readonly deadlineAt: number
}

/** Replies in a queue of one master's own are kept so long after the job's deadline, for a page that comes back. */
const replyKeptMs = 3_600_000
const json = { 'content-type': 'application/json' }

/**
 * Headers of a reply.
 * @param persistent true for outcomes
 */
export function replyHeaders(origin: JobOrigin, session: Session, persistent: boolean, now: number): Headers {
  const pass = origin.headers['drover-pass']
  const isShared = origin.replyTo === destinationsOf(session.namespace).reply
  return {
    ...json,
    'correlation-id': origin.headers['correlation-id'] || origin.requestId,
    persistent: String(persistent),
    ...(pass === undefined ? {} : { 'drover-pass': pass }),
    ...(isShared ? {} : expiry(session, Math.max(origin.deadlineAt, now) + replyKeptMs, now)),
  }
}

/** Headers of a job that is published again: as it came. */
export function jobHeaders(headers: Headers, deadlineAt: number, session: Session, now: number): Headers {
  return { ...deadHeaders(headers, session), ...expiry(session, deadlineAt, now) }
}

/** Headers of a dead letter: the job's, but it does not expire. */
export function deadHeaders(headers: Headers, session: Session): Headers {
  const kept = ['correlation-id', 'reply-to', 'priority', 'traceparent', 'drover-pass']
  // Behind a bridge the pass says who sent it, and forging it is refused.
  if (!session.bridged) kept.push('drover-sender')
  const copied = kept.flatMap(name => (headers[name] === undefined ? [] : [[name, headers[name]] as const]))
  return { ...json, persistent: 'true', ...Object.fromEntries(copied) }
}

function expiry(session: Session, at: number, now: number): Headers {
  return expiryHeaders(session.dialect, at + session.clockOffsetMs, now + session.clockOffsetMs)
}
