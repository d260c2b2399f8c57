/** A delivery that is to be settled. */
import type { BrokerSession, Incoming, Transaction } from '../shared/stomp/mod.ts'

/** A message that a queue handed to this worker. */
export interface Delivery {
  readonly incoming: Incoming
  /** The queue that handed it out (consume/source.ts). */
  readonly source: string
  /**
   * Settles it in a transaction; nothing happens when its connection is gone. `settled` is called once it is confirmed, `refused`
   * once it is known that nothing of the transaction was taken.
   */
  ack(transaction?: Transaction): void
  /**
   * The broker has let go of it. Only then may its subscription close: closed before COMMIT, one broker hands the job out again,
   * and others refuse the ACK.
   */
  settled(): void
  /** Its ACK was in vain: it is in hand as before. */
  refused(): void
  /** It waits for one master, which is nothing to other jobs: another subscription takes them meanwhile. */
  park(): void
  /** Whether its connection is gone: the broker hands it out again. */
  isGone(): boolean
  /**
   * Leaves it unsettled, for a worker that drains: it goes back to its queue when its subscription closes, in its place.
   * @returns false when it would then look like a loss that it is not: it is to be settled. A full queue always has one more,
   * so past a few times it is left all the same
   */
  leaveUnsettled(): boolean
  /**
   * Whether it can be put back: not where it would look like a loss then, nor while something else of its subscription is being
   * settled.
   */
  mayRequeue(): boolean
  /** Puts it back unsettled, by the end of its subscription: it goes to its place in the queue, for a worker that is free. */
  requeue(): void
}

/**
 * Names a delivery, however often it is handed out.
 * @returns `undefined` where no marks are needed, and behind a bridge, which lets nobody send one: it could name any delivery
 */
export function deliveryId({ bridged, dialect }: BrokerSession, delivery: Delivery | undefined): string | undefined {
  if (bridged) return undefined
  return dialect.once?.delivery.exec(delivery?.incoming.headers['message-id'] ?? '')?.[1]
}

/**
 * Whether a delivery came to be before another, where marks are needed: the broker counts, and a job that is published again is
 * later.
 */
export function isBefore(session: BrokerSession, one: Delivery | undefined, other: Delivery | undefined): boolean {
  return Number(deliveryId(session, one)) < Number(deliveryId(session, other))
}
