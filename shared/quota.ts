/**
 * A bound of one thing in all, and one for each owner: an owner that uses up its share stops nobody else. Nor do several
 * together: once three quarters are used no owner may have more than is left, so that there is some for those who have less.
 */
import { DroverError } from './contract/errors.ts'

export interface QuotaBounds {
  /** In the plural, as people read it: `subscriptions`. */
  readonly what: string
  readonly inAll: number
  readonly ofOwner: number
}

const sharedOut = 1 / 4

/**
 * The most that one owner may have, where `used` is used by all.
 * @returns `ofOwner` until three quarters are used, then no more than is left
 */
export function ownLimit({ inAll, ofOwner }: Pick<QuotaBounds, 'inAll' | 'ofOwner'>, used: number): number {
  const left = inAll - used
  return left >= inAll * sharedOut || ofOwner >= inAll ? ofOwner : Math.max(0, Math.min(ofOwner, left))
}

/**
 * Its reader is the owner, who is told nothing of how much others have.
 * @param used by all
 */
export function limitInWords(bounds: Pick<QuotaBounds, 'inAll' | 'ofOwner'>, used: number): string {
  const limit = ownLimit(bounds, used)
  const now = limit < bounds.ofOwner ? ' now, since little is left for all' : ''
  return `one owner's limit is ${limit}${now}`
}

export class Quota {
  /** Others do not take away from those who have more. */
  bounds: QuotaBounds
  readonly #byOwner = new Map<string, number>()
  #used = 0

  constructor(bounds: QuotaBounds) {
    this.bounds = bounds
  }

  /** The most that one owner may have now. */
  get ofOwner(): number {
    return ownLimit(this.bounds, this.#used)
  }

  /** Of all owners. */
  get used(): number {
    return this.#used
  }

  /**
   * Why so many more do not fit; `undefined` when they do.
   * @param together how many more there would be of all owners
   */
  fullBecause(owner: string, count: number, together: number = count): string | undefined {
    const { what, inAll } = this.bounds
    const own = this.usedBy(owner) + count
    if (own > this.ofOwner) return `${owner} would have ${own} ${what}; ${limitInWords(this.bounds, this.#used)}`
    const all = this.#used + together
    if (all > inAll) return `there would be ${all} ${what}; the limit is ${inAll}`
    return undefined
  }

  /** Whether so many more would be too many for this owner, however many all have. */
  isOwnerFull(owner: string, count: number): boolean {
    return this.usedBy(owner) + count > this.ofOwner
  }

  /** @throws {DroverError} `queue_full`, and then nothing is taken */
  acquire(owner: string, count: number): void {
    const full = this.fullBecause(owner, count)
    if (full !== undefined) throw new DroverError('queue_full', `No room: ${full}; end some first, or try again later`)
    this.add(owner, count)
  }

  /** Takes it whether it fits or not. */
  add(owner: string, count: number): void {
    this.#used += count
    this.#byOwner.set(owner, this.usedBy(owner) + count)
  }

  release(owner: string, count: number): void {
    this.#used -= count
    const left = this.usedBy(owner) - count
    if (left > 0) this.#byOwner.set(owner, left)
    else this.#byOwner.delete(owner)
  }

  usedBy(owner: string): number {
    return this.#byOwner.get(owner) ?? 0
  }
}
