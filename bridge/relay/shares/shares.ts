/**
 * The shares of a bridge that owners have, and all who come from one address. Each is bounded, so that enough is left for others.
 * A session finds its two shares at its login, counts in both, and gives everything back at its end. Design section 6.
 */
import type { Clock } from '../../../shared/clock.ts'
import { networkOf } from '../../access/login-limiter.ts'
import type { Limits } from '../../limits.ts'
import { SessionShare, type ShareLimits, type SharePool } from './session-share.ts'
import { type Counted, counted, ShareTable } from './share.ts'

export class Shares implements SharePool {
  /** They count at once, for all who have less. */
  limits: ShareLimits
  /** Open ones, of all owners. */
  sessions = 0
  readonly #clock: Pick<Clock, 'steady'>
  readonly #owners: ShareTable = new ShareTable()
  readonly #addresses: ShareTable = new ShareTable()

  constructor(limits: ShareLimits, clock: Pick<Clock, 'steady'>) {
    this.limits = limits
    this.#clock = clock
  }

  /** Owners and addresses that have something. */
  get size(): number {
    return this.#owners.size + this.#addresses.size
  }

  get now(): number {
    return this.#clock.steady()
  }

  /**
   * A session begins.
   * @throws {DroverError} `queue_full`
   */
  join(owner: string, address: string): SessionShare {
    const network = networkOf(address)
    const ofOwner = this.#owners.of(owner)
    const ofAddress = isOfEverybody(network) ? undefined : this.#addresses.of(network)
    const share = new SessionShare(this, owner, network, ofOwner, ofAddress)
    share.take('sessions', 1)
    this.sessions++
    this.#owners.add(owner, ofOwner)
    if (ofAddress !== undefined) this.#addresses.add(network, ofAddress)
    return share
  }

  /** How full each limit is, as a part of it, for the owner or the address that has most. Walks over all. */
  *fullness(): IterableIterator<readonly [limit: keyof Limits, part: number]> {
    const { limits } = this
    yield ['maxSessions', this.sessions / limits.maxSessions]
    for (const [what, [, ofOwner, ofAddress]] of Object.entries(counted)) {
      yield [ofOwner, this.#owners.most(what as Counted) / limits[ofOwner]]
      yield [ofAddress, this.#addresses.most(what as Counted) / limits[ofAddress]]
    }
  }

  left(owner: string, network: string): void {
    const { now } = this
    this.sessions--
    this.#owners.left(owner, now)
    this.#addresses.left(network, now)
  }

  /** To be called now and then. */
  sweep(): void {
    const { now } = this
    this.#owners.sweep(now)
    this.#addresses.sweep(now)
  }
}

/** Those who come by a proxy on this machine have its address, all of them. */
const isOfEverybody = (network: string): boolean =>
  network === '127.0.0.1' || network === networkOf('::1') || network === ''
