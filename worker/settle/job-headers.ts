/**
 * The headers that a worker sends: of replies, and of jobs that go on (published again, or to dead); and where it may answer:
 * even with full rights on the broker, only there. Design sections 3 and 4.
 */
import { keptHeaders } from '../../shared/contract/job.ts'
import {
  type BrokerSession,
  type Destinations,
  type Dialect,
  destinationsOf,
  type Headers,
  readDestination,
} from '../../shared/stomp/mod.ts'

/** What every message about a job is made from. */
export interface JobOrigin {
  readonly requestId: string
  /** As the job was delivered. */
  readonly headers: Headers
  /** Where it is answered. */
  readonly replyTo: string
  /** By the steady clock. */
  readonly deadlineAt: number
}

/** Replies in a queue of one master's own are kept so long after the job's deadline, for a page that comes back. */
const replyKeptMs = 3_600_000
/** Far off, and of 15 digits even with the hour more that a reply is given: a bridge refuses longer `expires`. */
export const furthestAt = 9e14
const json = { 'content-type': 'application/json' }

/**
 * Headers of a reply.
 * @param persistent true for outcomes
 */
export function replyHeaders(origin: JobOrigin, session: BrokerSession, persistent: boolean, now: number): Headers {
  const pass = origin.headers['drover-pass']
  const isShared = origin.replyTo === destinationsOf(session.namespace).reply
  return {
    ...json,
    'correlation-id': origin.headers['correlation-id'] || origin.requestId,
    persistent: String(persistent),
    ...(pass === undefined ? {} : { 'drover-pass': pass }),
    ...(isShared ? {} : expiry(origin, session, now, replyKeptMs)),
  }
}

/** Headers of a job that is published again: as it came. */
export function jobHeaders(origin: JobOrigin, session: BrokerSession, now: number): Headers {
  return { ...sentOnHeaders(origin.headers, session), ...expiry(origin, session, now, 0) }
}

/** What goes on of a job's headers: all that a dead letter has, for that does not expire. */
export function sentOnHeaders(headers: Headers, session: BrokerSession): Headers {
  const kept = [...keptHeaders, 'reply-to', 'drover-pass']
  // Behind a bridge the pass says who sent it, and forging it is refused.
  if (!session.bridged) kept.push('drover-sender')
  const copied = kept.flatMap(name => {
    const value = headers[name]
    return value === undefined || (name === 'priority' && !isPriority(value)) ? [] : [[name, value] as const]
  })
  return { ...json, persistent: 'true', ...Object.fromEntries(copied) }
}

/** A plain program's may be another, which some brokers pass on: a bridge refuses it, and Artemis confirms it and hands it to nobody. */
const isPriority = (text: string): boolean => /^\s*[0-9]\s*$/.test(text)

/**
 * The job's own `expires`, or so long after it: an instant of the broker's time is handed on, never made here. A broker that
 * takes a duration is told what is left.
 */
function expiry({ headers, deadlineAt }: JobOrigin, { dialect }: BrokerSession, now: number, laterMs: number): Headers {
  const { header, base, mostMs = Number.POSITIVE_INFINITY } = dialect.expiry
  const expires = instantIn(headers.expires)
  const leftMs = Math.min(mostMs, Math.max(1, Math.round(deadlineAt - now)) + laterMs)
  return {
    ...(base === 'epoch' ? {} : { [header]: String(leftMs) }),
    ...(expires > 0 ? { expires: String(Math.min(expires, furthestAt) + laterMs) } : {}),
  }
}

/** @returns ms since the epoch; 0 for what is no instant in anybody's time, as 0x10 and 1e3, which some brokers pass on */
export const instantIn = (text = ''): number => (/^\s*\d+\s*$/.test(text) ? Number(text) : 0)

/**
 * Finds where replies to a job are sent.
 * @param replyTo the job's header; absent means the namespace's single reply queue
 * @returns the destination in the dialect's spelling; `undefined` for anything but `{ns}.reply`, `{ns}.reply.*.*` and the
 * dialect's temporary queues, a list of several included
 */
export function replyDestination(
  ns: string,
  to: Destinations,
  dialect: Dialect,
  replyTo: string | undefined,
): string | undefined {
  if (replyTo === undefined || replyTo === '' || replyTo === to.reply) return to.reply
  if (dialect.temporaryReply?.test(replyTo) === true) return replyTo
  const spelled = replyTo.startsWith(dialect.replySendPrefix)
    ? `/queue/${replyTo.slice(dialect.replySendPrefix.length)}`
    : replyTo
  const purpose = readDestination(ns, spelled)
  if (purpose?.kind !== 'reply') return undefined
  return purpose.owner === undefined ? to.reply : dialect.replySendPrefix + spelled.slice('/queue/'.length)
}
