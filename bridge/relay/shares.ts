/**
 * The part of a bridge that one owner has at a time, and the part of all who come from one address. Both are bounded, so that
 * nobody takes what others need. A session finds the two at its login, counts what it takes in both, and gives all of it back at
 * its end. Design section 6.
 */
import { limitInWords, ownLimit } from '../../shared/quota.ts'
import { networkOf } from '../access/login-limiter.ts'
import { LimitReached, settingOf } from '../limit-reached.ts'
import type { Limits } from '../limits.ts'

/** Each with its name for people and its two limits. */
const counted = {
  sessions: ['sessions', 'maxOwnerSessions', 'maxAddressSessions'],
  /** Of masters: those that a session reads, or has read, and no newer session reads. */
  replyQueues: ['reply queues', 'maxOwnerReplyQueues', 'maxAddressReplyQueues'],
  subscriptions: ['subscriptions', 'maxOwnerSubscriptions', 'maxAddressSubscriptions'],
  /** Open ones. */
  transactions: ['open transactions', 'maxOwnerTransactions', 'maxAddressTransactions'],
  /** Of their frames. */
  transactionBytes: ['bytes in open transactions', 'maxOwnerTransactionBytes', 'maxAddressTransactionBytes'],
} as const

type Counted = keyof typeof counted

type Counts = { [What in Counted]: number }

export type ShareLimits = Pick<Limits, 'maxSessions' | (typeof counted)[Counted][1 | 2]>

const nothing = (): Counts => ({
  sessions: 0,
  subscriptions: 0,
  replyQueues: 0,
  transactions: 0,
  transactionBytes: 0,
})

export class Shares {
  /** They count at once, for all who have less. */
  limits: ShareLimits
  /** Open ones, of all owners. */
  sessions = 0
  readonly #owners: Map<string, Counts> = new Map()
  readonly #addresses: Map<string, Counts> = new Map()

  constructor(limits: ShareLimits) {
    this.limits = limits
  }

  /** Owners and addresses that have something. */
  get size(): number {
    return this.#owners.size + this.#addresses.size
  }

  /**
   * A session begins.
   * @throws {DroverError} `queue_full`
   */
  join(owner: string, address: string): SessionShare {
    const network = networkOf(address)
    const ofOwner = this.#owners.get(owner) ?? nothing()
    const ofAddress = isOfEverybody(network) ? undefined : (this.#addresses.get(network) ?? nothing())
    const share = new SessionShare(this, owner, network, ofOwner, ofAddress)
    share.take('sessions', 1)
    this.sessions++
    this.#owners.set(owner, ofOwner)
    if (ofAddress !== undefined) this.#addresses.set(network, ofAddress)
    return share
  }

  /** A session has ended, and given back all that it had. */
  left(owner: string, network: string): void {
    this.sessions--
    if (this.#owners.get(owner)?.sessions === 0) this.#owners.delete(owner)
    if (this.#addresses.get(network)?.sessions === 0) this.#addresses.delete(network)
  }
}

export class SessionShare {
  readonly #shares: Shares
  readonly #owner: string
  readonly #network: string
  readonly #ofOwner: Counts
  readonly #ofAddress: Counts | undefined
  readonly #own: Counts = nothing()

  /** @param ofAddress absent where the address says nothing about who it is */
  constructor(shares: Shares, owner: string, network: string, ofOwner: Counts, ofAddress: Counts | undefined) {
    this.#shares = shares
    this.#owner = owner
    this.#network = network
    this.#ofOwner = ofOwner
    this.#ofAddress = ofAddress
  }

  /** @throws {DroverError} `queue_full`, and then nothing is taken */
  take(what: Counted, count: number): void {
    const { limits, sessions } = this.#shares
    const [words, ownerLimit, addressLimit] = counted[what]
    // Only sessions have a limit of all owners, of which each has its share
    const bounds = { inAll: what === 'sessions' ? limits.maxSessions : Infinity, ofOwner: limits[ownerLimit] }
    const ofOwner = this.#ofOwner[what] + count
    if (ofOwner > ownLimit(bounds, sessions)) {
      throw full(ownerLimit, `${this.#owner} would have ${ofOwner} ${words}; ${limitInWords(bounds, sessions)}`)
    }
    const ofAddress = (this.#ofAddress?.[what] ?? 0) + count
    const most = limits[addressLimit]
    if (this.#ofAddress !== undefined && ofAddress > most) {
      throw full(addressLimit, `this address would have ${ofAddress} ${words}; one address's limit is ${most}`)
    }
    this.add(what, count)
  }

  /**
   * Takes one more, which was another session's. So one owner needs no room for it.
   * @throws {DroverError} `queue_full`, and then nothing has changed
   */
  takeFrom(other: SessionShare | undefined, what: Counted): void {
    other?.give(what, 1)
    try {
      this.take(what, 1)
    } catch (error) {
      other?.add(what, 1)
      throw error
    }
  }

  /** Takes it whether it fits or not. */
  add(what: Counted, count: number): void {
    this.#ofOwner[what] += count
    if (this.#ofAddress !== undefined) this.#ofAddress[what] += count
    this.#own[what] += count
  }

  give(what: Counted, count: number): void {
    this.add(what, -count)
  }

  /** The session has ended. To be called once. */
  leave(): void {
    for (const [what, count] of Object.entries(this.#own)) this.give(what as Counted, count)
    this.#shares.left(this.#owner, this.#network)
  }
}

const full = (limit: keyof Limits, why: string): LimitReached =>
  new LimitReached(limit, 'queue_full', `No room: ${why} (${settingOf(limit)}); end some first, or try again later`)

/** Those who come by a proxy on this machine have its address, all of them. */
const isOfEverybody = (network: string): boolean =>
  network === '127.0.0.1' || network === networkOf('::1') || network === ''
