/** A delivery that is to be settled. */
import type { Incoming, Transaction } from '../shared/stomp/mod.ts'

/** A message that a queue handed to this worker. */
export interface Delivery {
  readonly incoming: Incoming
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
  /** It waits for something that is nothing to others: another subscription takes what comes meanwhile. */
  park(): void
  /** Whether its connection is gone: the broker hands it out again. */
  isGone(): boolean
  /**
   * Leaves it unsettled, for a worker that drains: it goes back to its queue when its subscription closes, in its place.
   * @returns false when it would then look like a loss that it is not: it is to be settled. A full queue always has one more,
   * so past a few times it is left all the same
   */
  leaveUnsettled(): boolean
  /** Whether it can be put back: not where it would look like a loss then, nor while something else of its subscription is being settled. */
  mayRequeue(): boolean
  /** Puts it back unsettled, by the end of its subscription: it goes to its place in the queue, for whoever is free. */
  requeue(): void
}
