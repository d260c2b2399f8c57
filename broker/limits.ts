import { defaultFrameLimits, type FrameLimits } from '../shared/frames/mod.ts'

/** The bounds of the embedded broker's memory, and of its patience. */
export interface BrokerLimits {
  /** One frame of a session that is logged in. */
  readonly frame: FrameLimits
  /** Past it the oldest that has not logged in gives way, and where there is none the newest is refused. */
  readonly maxConnections: number
  /** Of those, one owner's. Each owner has a limit of its own, so that one who reaches it stops nobody else. */
  readonly maxOwnerConnections: number
  /** Subscriptions of one connection. */
  readonly maxSubscriptions: number
  readonly maxTotalSubscriptions: number
  readonly maxOwnerSubscriptions: number
  /** Queues, temporary ones included. */
  readonly maxQueues: number
  /** Of those, as many as one owner may have made. */
  readonly maxOwnerQueues: number
  /** Messages in one queue, those handed out and not acknowledged included. */
  readonly maxQueueMessages: number
  /** Bytes of those, headers and bookkeeping included. */
  readonly maxQueueBytes: number
  /** Of the messages of a queue that several owners share, one owner's; and their bytes. */
  readonly maxOwnerQueueMessages: number
  readonly maxOwnerQueueBytes: number
  /** Bytes of all messages that the broker holds, wherever they wait. */
  readonly maxTotalBytes: number
  /** Of those, one owner's: the sender's, or that of the user who dispatched the job that it is about. */
  readonly maxOwnerBytes: number
  /** Bytes of all messages that a store keeps: those above bound messages in memory alone then. */
  readonly maxStoredBytes: number
  /** Of those, one owner's, one queue's, and one owner's in a queue that several share; and how many messages. */
  readonly maxOwnerStoredBytes: number
  readonly maxStoredQueueBytes: number
  readonly maxOwnerStoredQueueBytes: number
  readonly maxStoredQueueMessages: number
  readonly maxOwnerStoredQueueMessages: number
  /** Bytes of frames that have begun and not ended, of all connections and of one owner's. */
  readonly maxUnfinishedBytes: number
  readonly maxOwnerUnfinishedBytes: number
  /** Messages that wait for one connection's topic subscriptions, because it does not read or acknowledge. */
  readonly maxBacklogMessages: number
  readonly maxBacklogBytes: number
  /** The same bytes of all connections of one owner. */
  readonly maxOwnerBacklogBytes: number
  /** Bytes that a connection may have unsent before it is handed no more. */
  readonly maxUnsentBytes: number
  /** How long a topic reader may take nothing at all while messages wait for it. */
  readonly maxStillMs: number
  /** Open transactions of one connection. */
  readonly maxTransactions: number
  readonly maxTotalTransactions: number
  readonly maxOwnerTransactions: number
  /** Bytes of messages in one connection's open transactions. */
  readonly maxTransactionBytes: number
  /** The same of one owner's connections; of all it is half of `maxTotalBytes`. */
  readonly maxOwnerTransactionBytes: number
  /** Frames in one transaction. */
  readonly maxTransactionFrames: number
  /** Durable subscriptions, their readers there or not. */
  readonly maxDurables: number
  readonly maxOwnerDurables: number
  /** Longest `AMQ_SCHEDULED_DELAY`. */
  readonly maxDelayMs: number
  /** Unacknowledged messages of a subscription without `prefetch-count`. */
  readonly defaultPrefetch: number
  /** How long a new connection may take to send its CONNECT. */
  readonly connectMs: number
  /** The shortest heart-beat interval that is agreed to, each way. */
  readonly heartBeatMs: number
  /** With the policy `wait`: how long a sender waits for room before it gets the ERROR after all. */
  readonly maxWaitMs: number
}

/** The limits of messages that a store keeps. */
export type StoredLimits = Pick<
  BrokerLimits,
  | 'maxStoredBytes'
  | 'maxOwnerStoredBytes'
  | 'maxStoredQueueBytes'
  | 'maxOwnerStoredQueueBytes'
  | 'maxStoredQueueMessages'
  | 'maxOwnerStoredQueueMessages'
>

const MiB = 1_048_576

/** @param inAll bytes that a store may keep: an owner has half of them, a queue a quarter */
export function storedLimits(inAll: number): StoredLimits {
  const ofQueue = Math.floor(inAll / 4)
  return {
    maxStoredBytes: inAll,
    maxOwnerStoredBytes: Math.floor(inAll / 2),
    maxStoredQueueBytes: ofQueue,
    maxOwnerStoredQueueBytes: Math.floor(ofQueue * 0.75),
    maxStoredQueueMessages: 2_000_000,
    maxOwnerStoredQueueMessages: 1_500_000,
  }
}

export const defaultBrokerLimits: BrokerLimits = {
  frame: defaultFrameLimits,
  maxConnections: 10_000,
  maxOwnerConnections: 5_000,
  maxSubscriptions: 1_000,
  maxTotalSubscriptions: 100_000,
  maxOwnerSubscriptions: 25_000,
  maxQueues: 20_000,
  maxOwnerQueues: 5_000,
  maxQueueMessages: 100_000,
  maxQueueBytes: 64 * MiB,
  maxOwnerQueueMessages: 75_000,
  maxOwnerQueueBytes: 48 * MiB,
  maxTotalBytes: 256 * MiB,
  maxOwnerBytes: 128 * MiB,
  ...storedLimits(10_240 * MiB),
  maxUnfinishedBytes: 128 * MiB,
  maxOwnerUnfinishedBytes: 64 * MiB,
  maxBacklogMessages: 10_000,
  maxBacklogBytes: 8 * MiB,
  maxOwnerBacklogBytes: 64 * MiB,
  maxUnsentBytes: MiB / 2,
  maxStillMs: 10_000,
  maxTransactions: 100,
  maxTotalTransactions: 20_000,
  maxOwnerTransactions: 5_000,
  maxTransactionBytes: 16 * MiB,
  maxOwnerTransactionBytes: 32 * MiB,
  maxTransactionFrames: 10_000,
  maxDurables: 1_000,
  maxOwnerDurables: 250,
  maxDelayMs: 7 * 24 * 3_600_000,
  defaultPrefetch: 100,
  connectMs: 10_000,
  heartBeatMs: 1_000,
  maxWaitMs: 30_000,
}

/** How much of a queue, and of all, messages that say `persistent:false` may fill: an outcome still fits in the rest. */
export const droppableShare: number = 3 / 4

/** A sender whose message does not fit gets an ERROR at once, or waits `maxWaitMs` at most. */
export type FullPolicy = 'error' | 'wait'
