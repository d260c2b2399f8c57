/** The bounds of a bridge: each buffer, count and wait that somebody else could fill. */
import { connectFrameLimits, defaultFrameLimits, type FrameLimits } from '../shared/frames/mod.ts'

export interface Limits {
  /** A session's first frame. */
  readonly connectFrame: FrameLimits
  /** Any later frame of a session. CONNECTED announces the most of its body as `drover-max-frame-bytes`. */
  readonly frame: FrameLimits
  /** A frame of the broker. */
  readonly brokerFrame: FrameLimits
  /** How long a request may take to send its headers, and all of it; where the runtime can tell. */
  readonly headersMs: number
  readonly requestMs: number
  /** How long a new session may take to send CONNECT. */
  readonly connectMs: number
  /** How long the broker may take to answer CONNECT, and to let go of a session that a newer one replaces. */
  readonly brokerMs: number
  /** How long `/ready` answers by the last login at the broker, and how long it waits for one. */
  readonly readyMs: number
  /**
   * Frames, and messages of a WebSocket, that have begun and not ended, of all sessions together; looked at each second. As many
   * bytes past `maxUnsentBytes` may wait for sessions that read slowly.
   */
  readonly maxUnfinishedBytes: number
  /** The same of one owner's sessions. */
  readonly maxOwnerUnfinishedBytes: number
  /** Frames of a session that wait until the broker has answered. */
  readonly maxHeldBytes: number
  /** Bytes that a session has yet to read, before its side of the broker is paused. */
  readonly maxUnsentBytes: number
  /** How long a session may take nothing at all while bytes wait for it. */
  readonly stalledMs: number
  /** Bytes that the broker has yet to take from a session, before the session is paused. */
  readonly maxBrokerUnsentBytes: number
  /** The same where a session cannot be paused, before it is ended. */
  readonly maxBrokerBacklogBytes: number
  readonly maxSessions: number
  /** Of those, one owner's, so that an owner who opens too many stops nobody else. */
  readonly maxOwnerSessions: number
  /** Of those, all that come from one address: of IPv6 its first 64 bits, and never this machine's own. */
  readonly maxAddressSessions: number
  /** Connections that have not logged in yet: past it the oldest gives way. */
  readonly maxUnauthenticated: number
  /** The same of one address, of IPv6 its first 64 bits; behind a proxy that is everybody. */
  readonly maxUnauthenticatedOfAddress: number
  /** Subscriptions of one session. */
  readonly maxSubscriptions: number
  readonly maxOwnerSubscriptions: number
  readonly maxAddressSubscriptions: number
  /** Reply queues of masters that one owner's sessions read; those that a session has ended count until it ends itself. */
  readonly maxOwnerReplyQueues: number
  readonly maxAddressReplyQueues: number
  /** Open transactions of one session. */
  readonly maxTransactions: number
  readonly maxOwnerTransactions: number
  readonly maxAddressTransactions: number
  /** Bytes of frames in open transactions, which the broker holds until COMMIT. */
  readonly maxOwnerTransactionBytes: number
  readonly maxAddressTransactionBytes: number
  /** Unacknowledged messages of one session that the bridge remembers; past it the broker alone judges an ACK. */
  readonly maxUnacknowledged: number
  /** Unacknowledged messages of one subscription, where the broker counts messages. */
  readonly maxPrefetch: number
  /** Unacknowledged bytes of one subscription, where the broker counts bytes. */
  readonly maxPrefetchBytes: number
  /** Messages that one owner's sessions send in a second, and their bytes: past it they are read from more slowly. */
  readonly maxOwnerMessagesPerSecond: number
  readonly maxOwnerBytesPerSecond: number
  readonly maxAddressMessagesPerSecond: number
  readonly maxAddressBytesPerSecond: number
  /** How much of these may be sent at once: as much as in that time, if nothing came before. */
  readonly burstMs: number
  /** How long a session may have to be not read from for that, before it is ended. */
  readonly maxSlowedMs: number
  /** Longest delay of a SEND. */
  readonly maxDelayMs: number
  /** The heart-beat interval that the bridge offers and asks for, each way, on both sides. */
  readonly heartBeatMs: number
  /** The shortest that a peer may be silent: pages in the background have timers that run once a minute. */
  readonly quietMs: number
  /** How long a token lasts when nothing else was asked for, and at most. */
  readonly tokenMs: number
  readonly maxTokenMs: number
  /** How long the sign-in link works. */
  readonly signInMs: number
}

const KiB = 1024
const MiB = 1024 * KiB
const minuteMs = 60_000

export const defaultLimits: Limits = {
  // A blank line too many is no body
  connectFrame: connectFrameLimits,
  frame: defaultFrameLimits,
  brokerFrame: { maxHeaders: 512, maxHeaderBytes: 256 * KiB, maxBodyBytes: 16 * MiB },
  headersMs: 10_000,
  requestMs: 30_000,
  connectMs: 10_000,
  brokerMs: 10_000,
  readyMs: 5_000,
  maxUnfinishedBytes: 256 * MiB,
  maxOwnerUnfinishedBytes: 128 * MiB,
  maxHeldBytes: 256 * KiB,
  maxUnsentBytes: 256 * KiB,
  stalledMs: 10_000,
  maxBrokerUnsentBytes: MiB,
  maxBrokerBacklogBytes: 16 * MiB,
  maxSessions: 10_000,
  maxOwnerSessions: 5_000,
  maxAddressSessions: 7_500,
  maxUnauthenticated: 1_000,
  maxUnauthenticatedOfAddress: 50,
  maxSubscriptions: 500,
  maxOwnerSubscriptions: 50_000,
  maxAddressSubscriptions: 100_000,
  maxOwnerReplyQueues: 10_000,
  maxAddressReplyQueues: 20_000,
  maxTransactions: 100,
  maxOwnerTransactions: 5_000,
  maxAddressTransactions: 10_000,
  maxOwnerTransactionBytes: 256 * MiB,
  maxAddressTransactionBytes: 512 * MiB,
  maxUnacknowledged: 10_000,
  maxPrefetch: 1_000,
  maxPrefetchBytes: MiB,
  maxOwnerMessagesPerSecond: 100_000,
  maxOwnerBytesPerSecond: 256 * MiB,
  maxAddressMessagesPerSecond: 200_000,
  maxAddressBytesPerSecond: 512 * MiB,
  burstMs: 2_000,
  maxSlowedMs: 30_000,
  maxDelayMs: 24 * 60 * minuteMs,
  heartBeatMs: 10_000,
  quietMs: 75_000,
  tokenMs: 60 * minuteMs,
  maxTokenMs: 24 * 60 * minuteMs,
  signInMs: 10 * minuteMs,
}
