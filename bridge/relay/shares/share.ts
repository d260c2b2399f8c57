/** The share of one owner, or one address, in a bridge: counts, and the speed of the messages of late. */
import { Throttle } from './throttle.ts'

/** Each with its name for people and its two limits. */
export const counted = {
  sessions: ['sessions', 'maxOwnerSessions', 'maxAddressSessions'],
  /** Of masters: those that a session reads, or has read, and no newer session reads. */
  replyQueues: ['reply queues', 'maxOwnerReplyQueues', 'maxAddressReplyQueues'],
  subscriptions: ['subscriptions', 'maxOwnerSubscriptions', 'maxAddressSubscriptions'],
  /** Open ones. */
  transactions: ['open transactions', 'maxOwnerTransactions', 'maxAddressTransactions'],
  /** Of their frames. */
  transactionBytes: ['bytes in open transactions', 'maxOwnerTransactionBytes', 'maxAddressTransactionBytes'],
} as const

export type Counted = keyof typeof counted

export type Counts = { [What in Counted]: number }

export const nothing = (): Counts => ({
  sessions: 0,
  subscriptions: 0,
  replyQueues: 0,
  transactions: 0,
  transactionBytes: 0,
})

/** Of one owner, or one address. */
export class Share {
  readonly counts: Counts = nothing()
  readonly messages: Throttle = new Throttle()
  readonly bytes: Throttle = new Throttle()

  isUnused(now: number): boolean {
    return this.counts.sessions === 0 && this.messages.isUnused(now) && this.bytes.isUnused(now)
  }
}

/** Those of all owners, or of all addresses, that have something. */
export class ShareTable {
  readonly #shares: Map<string, Share> = new Map()
  /** Without a session, but with a burst that they have used: a new session must not bring another. */
  readonly #slowed: Set<string> = new Set()

  get size(): number {
    return this.#shares.size
  }

  /** The most that one of them has. Walks over all. */
  most(what: Counted): number {
    let most = 0
    for (const { counts } of this.#shares.values()) most = Math.max(most, counts[what])
    return most
  }

  of(name: string): Share {
    return this.#shares.get(name) ?? new Share()
  }

  add(name: string, share: Share): void {
    this.#shares.set(name, share)
  }

  /** A session of it has ended. */
  left(name: string, now: number): void {
    const share = this.of(name)
    if (share.isUnused(now)) this.#shares.delete(name)
    else if (share.counts.sessions === 0) this.#slowed.add(name)
  }

  /** Forgets those that may send as fast again as anybody. */
  sweep(now: number): void {
    for (const name of this.#slowed) {
      const share = this.of(name)
      if (share.isUnused(now)) this.#shares.delete(name)
      if (share.isUnused(now) || share.counts.sessions > 0) this.#slowed.delete(name)
    }
  }
}
