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
  subscriptions: ['subscriptions', 'maxOwnerSubscriptions', 'maxAddressSubscriptions'],
} as const

type Counted = keyof typeof counted

type Counts = { [What in Counted]: number }

export type ShareLimits = Pick<Limits, 'maxSessions' | (typeof counted)[Counted][1 | 2]>

const nothing = (): Counts => ({ sessions: 0, subscriptions: 0 })

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
    const share = new SessionShare(
      this,
      owner,
      this.#owners.get(owner) ?? nothing(),
      isOfEverybody(network) ? undefined : (this.#addresses.get(network) ?? nothing()),
      () => this.#left(owner, network),
    )
    share.take('sessions', 1)
    this.sessions++
    this.#owners.set(owner, share.owner)
    if (share.address !== undefined) this.#addresses.set(network, share.address)
    return share
  }

  #left(owner: string, network: string): void {
    this.sessions--
    if (this.#owners.get(owner)?.sessions === 0) this.#owners.delete(owner)
    if (this.#addresses.get(network)?.sessions === 0) this.#addresses.delete(network)
  }
}

export class SessionShare {
  readonly owner: Counts
  /** Absent where the address says nothing about who it is. */
  readonly address: Counts | undefined
  readonly #shares: Shares
  readonly #ownerName: string
  readonly #own: Counts = nothing()
  readonly #onLeft: () => void

  /** @param onLeft called when it has left both */
  constructor(shares: Shares, ownerName: string, owner: Counts, address: Counts | undefined, onLeft: () => void) {
    this.#shares = shares
    this.#ownerName = ownerName
    this.owner = owner
    this.address = address
    this.#onLeft = onLeft
  }

  /** @throws {DroverError} `queue_full`, and then nothing is taken */
  take(what: Counted, count: number): void {
    const { limits, sessions } = this.#shares
    const [words, ofOwner, ofAddress] = counted[what]
    const bounds = {
      inAll: what === 'sessions' ? limits.maxSessions : Number.POSITIVE_INFINITY,
      ofOwner: limits[ofOwner],
    }
    const owners = this.owner[what] + count
    if (owners > ownLimit(bounds, sessions)) {
      throw full(ofOwner, `${this.#ownerName} would have ${owners} ${words}; ${limitInWords(bounds, sessions)}`)
    }
    if (this.address !== undefined) {
      const all = this.address[what] + count
      if (all > limits[ofAddress]) {
        throw full(ofAddress, `this address would have ${all} ${words}; one address's limit is ${limits[ofAddress]}`)
      }
      this.address[what] = all
    }
    this.owner[what] = owners
    this.#own[what] += count
  }

  give(what: Counted, count: number): void {
    this.owner[what] -= count
    if (this.address !== undefined) this.address[what] -= count
    this.#own[what] -= count
  }

  /** The session has ended. To be called once. */
  leave(): void {
    for (const [what, count] of Object.entries(this.#own)) this.give(what as Counted, count)
    this.#onLeft()
  }
}

const full = (limit: keyof Limits, why: string): LimitReached =>
  new LimitReached(limit, 'queue_full', `No room: ${why} (${settingOf(limit)}); end some first, or try again later`)

/** Those who come by a proxy on this machine have its address, all of them. */
const isOfEverybody = (network: string): boolean =>
  network === '127.0.0.1' || network === networkOf('::1') || network === ''
