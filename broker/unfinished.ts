/** Bytes of frames that have begun and not ended, counted by owner as they come, so that whoever keeps too many is found at once. */

import { boundUnfinished, type Keeper } from '../shared/frames/unfinished.ts'
import { Share } from '../shared/share.ts'
import type { BrokerLimits } from './limits.ts'

export class Unfinished {
  readonly #limits: BrokerLimits
  readonly #share: Share
  readonly #keepers = new Map<Keeper, { readonly owner: string; bytes: number }>()

  constructor(limits: BrokerLimits) {
    this.#limits = limits
    const { maxUnfinishedBytes: inAll, maxOwnerUnfinishedBytes: ofOwner } = limits
    this.#share = new Share({ what: 'bytes of frames that have not ended', inAll, ofOwner })
  }

  /** A chunk was read: ends whoever keeps most where it is too much. */
  look(keeper: Keeper): void {
    const { unfinishedBytes: bytes, owner = '' } = keeper
    const kept = this.#keepers.get(keeper)
    if (bytes === (kept?.bytes ?? 0)) return
    this.forget(keeper)
    if (bytes === 0) return
    this.#keepers.set(keeper, { owner, bytes })
    this.#share.add(owner, bytes)
    const { maxUnfinishedBytes, maxOwnerUnfinishedBytes } = this.#limits
    if (this.#share.used > maxUnfinishedBytes || this.#share.usedBy(owner) > maxOwnerUnfinishedBytes)
      boundUnfinished(this.#keepers.keys(), this.#limits)
  }

  /** Its connection has ended. */
  forget(keeper: Keeper): void {
    const kept = this.#keepers.get(keeper)
    if (kept === undefined) return
    this.#keepers.delete(keeper)
    this.#share.release(kept.owner, kept.bytes)
  }
}
