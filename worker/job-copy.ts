/**
 * A copy of a job: several masters may wait for one, and each sent its own. And the facts that its headers tell: until when it
 * may take, and where it is answered. Even with full rights on the broker a worker answers only there. Design sections 3 and 4.
 */
import {
  type BrokerSession,
  type Destinations,
  type Dialect,
  type Headers,
  readDestination,
} from '../shared/stomp/mod.ts'
import type { Delivery } from './delivery.ts'
import type { CopySeal } from './sealing/copy-seal.ts'

/** Every message about a job is made from this. */
export interface JobOrigin {
  readonly requestId: string
  /** As the job was delivered. */
  readonly headers: Headers
  /** The queue that it came by (consume/source.ts); absent for a broadcast. */
  readonly source?: string | undefined
  /** Where it is answered. */
  readonly replyTo: string
  /** By the steady clock. */
  readonly deadlineAt: number
}

/** A job as it was delivered: one master waits for its outcome. Delivered again, the newer copy takes the place of the older. */
export interface Copy {
  /** Its headers, pass included, are those of the newest delivery: a bridge with another secret honours no older one. */
  readonly origin: JobOrigin
  readonly body: string
  /** Absent for a broadcast, which is settled by nothing. */
  readonly delivery: Delivery | undefined
  /** Which of the worker's connections brought it. */
  readonly connection: number
  /** Absent where it came in the open. */
  readonly seal?: CopySeal | undefined
}

/** So many masters may wait for one job. */
export const maxCopies = 16

/** Far off, and of 15 digits even with the hour more that a reply is given: a bridge refuses longer `expires`. */
export const furthestAt = 9e14

/** @returns ms since the epoch; 0 for no instant in anybody's time, such as 0x10 and 1e3, which some brokers pass on */
export const instantIn = (text = ''): number => (/^\s*\d+\s*$/.test(text) ? Number(text) : 0)

/**
 * The job's own `expires`, or so long after it: an instant of the broker's time is handed on, never made here. A broker that
 * takes a duration is told the time that is left.
 */
export function expiryHeaders(
  { headers, deadlineAt }: JobOrigin,
  { dialect }: BrokerSession,
  now: number,
  laterMs: number,
): Headers {
  const { header, base, mostMs = Number.POSITIVE_INFINITY } = dialect.expiry
  const expires = instantIn(headers.expires)
  const leftMs = Math.min(mostMs, Math.max(1, Math.round(deadlineAt - now)) + laterMs)
  return {
    ...(base === 'epoch' ? {} : { [header]: String(leftMs) }),
    ...(expires > 0 ? { expires: String(Math.min(expires, furthestAt) + laterMs) } : {}),
  }
}

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
