/** The part of one session in the share of its owner, and in that of its address. */
import { limitInWords, ownLimit } from '../../../shared/quota.ts'
import { LimitReached, settingOf } from '../../limit-reached.ts'
import type { Limits } from '../../limits.ts'
import { type Counted, type Counts, counted, nothing, type Share } from './share.ts'
import type { Throttle } from './throttle.ts'

/** A session sent faster than it may. */
export interface Slowdown {
  readonly limit: SpeedLimit
  /** How long nothing more should come of it. */
  readonly waitMs: number
  /** The same before it sent this: a frame of any size may come once. */
  readonly beforeMs: number
}

type SpeedLimit =
  | 'maxOwnerMessagesPerSecond'
  | 'maxOwnerBytesPerSecond'
  | 'maxAddressMessagesPerSecond'
  | 'maxAddressBytesPerSecond'

export type ShareLimits = Pick<
  Limits,
  'maxSessions' | (typeof counted)[Counted][1 | 2] | SpeedLimit | 'burstMs' | 'maxSlowedMs'
>

/** All sessions of a bridge have it in common. */
export interface SharePool {
  readonly limits: ShareLimits
  /** Of all owners. */
  readonly sessions: number
  /** Steady, in ms. */
  readonly now: number
  /** A session has ended, and given back all that it had. */
  left(owner: string, network: string): void
}

export class SessionShare {
  readonly #pool: SharePool
  readonly #owner: string
  readonly #network: string
  readonly #ofOwner: Share
  readonly #ofAddress: Share | undefined
  readonly #own: Counts = nothing()

  /** @param ofAddress absent where the address says nothing about who it is */
  constructor(pool: SharePool, owner: string, network: string, ofOwner: Share, ofAddress: Share | undefined) {
    this.#pool = pool
    this.#owner = owner
    this.#network = network
    this.#ofOwner = ofOwner
    this.#ofAddress = ofAddress
  }

  /** Steady, in ms. */
  get now(): number {
    return this.#pool.now
  }

  /** @throws {DroverError} `queue_full`, and then nothing is taken */
  take(what: Counted, count: number): void {
    const { limits, sessions } = this.#pool
    const [words, ownerLimit, addressLimit] = counted[what]
    // Only sessions have a limit of all owners, of which each has its share
    const bounds = {
      inAll: what === 'sessions' ? limits.maxSessions : Number.POSITIVE_INFINITY,
      ofOwner: limits[ownerLimit],
    }
    const ofOwner = this.#ofOwner.counts[what] + count
    if (ofOwner > ownLimit(bounds, sessions)) {
      throw full(ownerLimit, `${this.#owner} would have ${ofOwner} ${words}; ${limitInWords(bounds, sessions)}`)
    }
    const ofAddress = (this.#ofAddress?.counts[what] ?? 0) + count
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
    this.#ofOwner.counts[what] += count
    if (this.#ofAddress !== undefined) this.#ofAddress.counts[what] += count
    this.#own[what] += count
  }

  give(what: Counted, count: number): void {
    this.add(what, -count)
  }

  /**
   * The session sent so much: frames, and bytes of them. It costs no look-up, since it is called for each chunk.
   * @returns for how long the session has to be slowed down, or why it has to end since that would take too long (code
   * `too_many_messages`); `undefined` where all is well
   */
  spend(messages: number, bytes: number): Slowdown | LimitReached | undefined {
    const { limits, now } = this.#pool
    const owner = this.#ofOwner
    let found = slowest(undefined, limits, now, owner.messages, messages, 'maxOwnerMessagesPerSecond')
    found = slowest(found, limits, now, owner.bytes, bytes, 'maxOwnerBytesPerSecond')
    const address = this.#ofAddress
    if (address !== undefined) {
      found = slowest(found, limits, now, address.messages, messages, 'maxAddressMessagesPerSecond')
      found = slowest(found, limits, now, address.bytes, bytes, 'maxAddressBytesPerSecond')
    }
    return found !== undefined && found.beforeMs > limits.maxSlowedMs ? tooFast(found, this.#owner, limits) : found
  }

  /** The session has ended. To be called once. */
  leave(): void {
    for (const [what, count] of Object.entries(this.#own)) this.give(what as Counted, count)
    this.#pool.left(this.#owner, this.#network)
  }
}

const full = (limit: keyof Limits, why: string): LimitReached =>
  new LimitReached(limit, 'queue_full', `No room: ${why} (${settingOf(limit)}); end some first, or try again later`)

/** A shorter wait is not worth a timer. */
const shortestWaitMs = 1

/** @returns the slower one of `before` and this one */
function slowest(
  before: Slowdown | undefined,
  limits: ShareLimits,
  now: number,
  throttle: Throttle,
  count: number,
  limit: SpeedLimit,
): Slowdown | undefined {
  const waitMs = throttle.spend(count, limits[limit], limits.burstMs, now)
  if (waitMs < shortestWaitMs || waitMs < (before?.waitMs ?? 0)) return before
  return { limit, waitMs, beforeMs: waitMs - (count * 1_000) / limits[limit] }
}

function tooFast({ limit, waitMs }: Slowdown, owner: string, limits: ShareLimits): LimitReached {
  const isOwners = limit.startsWith('maxOwner')
  const what = limit.includes('Bytes') ? 'bytes' : 'messages'
  return new LimitReached(
    limit,
    'too_many_messages',
    `Too many ${what}: ${isOwners ? owner : 'this address'} would have to wait ${Math.ceil(waitMs)} ms; one ${isOwners ? 'owner' : 'address'}'s limit is ${limits[limit]} ${what} a second (${settingOf(limit)}); send fewer, and connect again later`,
  )
}
