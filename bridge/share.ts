/** One thing of which there is so much in all, and so much for one owner: whoever uses up its share stops nobody else. */
import { DroverError } from '../shared/contract/errors.ts'

export interface ShareBounds {
  /** In the plural, as people read it: `subscriptions`. */
  readonly what: string
  readonly inAll: number
  readonly ofOwner: number
}

export class Share {
  readonly #bounds: ShareBounds
  readonly #byOwner = new Map<string, number>()
  #used = 0

  constructor(bounds: ShareBounds) {
    this.#bounds = bounds
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
    const { what, inAll, ofOwner } = this.#bounds
    const own = this.usedBy(owner) + count
    if (own > ofOwner) return `${owner} would have ${own} ${what}; one owner's limit is ${ofOwner}`
    const all = this.#used + together
    if (all > inAll) return `there would be ${all} ${what}; the limit is ${inAll}`
    return undefined
  }

  /** Whether so many more would be too many for this owner, however many all have. */
  isOwnerFull(owner: string, count: number): boolean {
    return this.usedBy(owner) + count > this.#bounds.ofOwner
  }

  /** @throws {DroverError} `queue_full`, and then nothing is taken */
  take(owner: string, count: number): void {
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
