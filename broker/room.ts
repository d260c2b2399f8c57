/** The bytes of all messages that the broker holds, in all and for each owner, and who waits for some to become free. */
import { limitInWords, Quota } from '../shared/quota.ts'

export interface RoomBounds {
  readonly inAll: number
  readonly ofOwner: number
  /** Where they are, as the reason of a refusal says it, such as `on disk` */
  readonly where?: string
}

/** The two places: messages in memory alone, and those that a store keeps. */
export interface Rooms {
  readonly memory: Room
  readonly disk: Room
}

export class Room {
  readonly #quota: Quota
  readonly #bounds: RoomBounds
  readonly #waiting = new Set<() => void>()
  #isCalling = false

  constructor(bounds: RoomBounds) {
    this.#bounds = bounds
    this.#quota = new Quota({ what: 'bytes of messages', ...bounds })
  }

  get usedBytes(): number {
    return this.#quota.used
  }

  /** Takes it in any case. Callers that must ask have asked before. */
  add(owner: string, bytes: number): void {
    this.#quota.add(owner, bytes)
  }

  release(owner: string, bytes: number): void {
    this.#quota.release(owner, bytes)
    if (this.#waiting.size === 0 || this.#isCalling) return
    this.#isCalling = true
    // Afterwards, so that no message goes in between two steps of the caller
    queueMicrotask(() => {
      this.#isCalling = false
      for (const retry of [...this.#waiting]) retry()
    })
  }

  /**
   * Why so much more does not fit; `undefined` when it does.
   * @param bytes of this owner
   * @param more `total` counts all owners whose bytes come at once. `reserve` is the share of room beyond the bounds that it may
   * use, and `ownReserve` that beyond the owner's alone
   */
  fullBecause(
    owner: string,
    bytes: number,
    more: { readonly total?: number; readonly reserve?: number; readonly ownReserve?: number } = {},
  ): string | undefined {
    const { ofOwner } = this.#bounds
    const { total = bytes, reserve = 0, ownReserve = reserve } = more
    const own = this.#quota.usedBy(owner)
    const whole = this.wholeFullBecause(total, reserve)
    if (whole !== undefined) return whole
    // A message that ends a job, or sends one on, does not wait because of how much others have
    const limit = ownReserve > 0 ? ofOwner * (1 + ownReserve) : this.#quota.ofOwner
    if (bytes <= 0 || own + bytes <= limit) return undefined
    return `${owner} has ${own} bytes of messages ${this.#bounds.where ?? 'here'}; ${limitInWords(this.#bounds, this.#quota.used)}`
  }

  /** Why so much more does not fit, from any sender. In these words a worker knows that its outcome has to wait. */
  wholeFullBecause(total: number, reserve: number): string | undefined {
    const { inAll, where } = this.#bounds
    const all = this.#quota.used
    if (total <= 0 || all + total <= inAll * (1 + reserve)) return undefined
    return `the broker holds ${all} bytes${where === undefined ? '' : ` ${where}`}; its limit is ${inAll}`
  }

  /**
   * Whether so much more would use the room kept for messages that may not be dropped.
   * @param portion of either bound that the others may use, 0 to 1
   */
  isShort(owner: string, bytes: number, total: number, portion: number): boolean {
    const { inAll, ofOwner } = this.#bounds
    return this.#quota.used + total > inAll * portion || this.#quota.usedBy(owner) + bytes > ofOwner * portion
  }

  /** Calls `retry` whenever room became free, in order of arrival, until the returned function is called. */
  wait(retry: () => void): () => void {
    this.#waiting.add(retry)
    return () => void this.#waiting.delete(retry)
  }
}
