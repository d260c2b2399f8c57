/** Bytes of frames that have begun and not ended, counted by owner as they come. An owner with too many is found at once. */

import { type BufferingSession, boundUnfinished } from '../shared/frames/unfinished-frames.ts'
import { Quota } from '../shared/quota.ts'
import type { BrokerLimits } from './limits.ts'

export class UnfinishedFrames {
  readonly #limits: BrokerLimits
  readonly #quota: Quota
  readonly #sessions = new Map<BufferingSession, { readonly owner: string; bytes: number }>()

  constructor(limits: BrokerLimits) {
    this.#limits = limits
    const { maxUnfinishedBytes: inAll, maxOwnerUnfinishedBytes: ofOwner } = limits
    this.#quota = new Quota({ what: 'bytes of frames that have not ended', inAll, ofOwner })
  }

  /** A chunk was read. Where it is too much, the session that keeps most is ended. */
  look(session: BufferingSession): void {
    const { unfinishedBytes: bytes, owner = '' } = session
    const kept = this.#sessions.get(session)
    if (bytes === (kept?.bytes ?? 0)) return
    this.forget(session)
    if (bytes === 0) return
    this.#sessions.set(session, { owner, bytes })
    this.#quota.add(owner, bytes)
    const { maxUnfinishedBytes, maxOwnerUnfinishedBytes } = this.#limits
    if (this.#quota.used > maxUnfinishedBytes || this.#quota.usedBy(owner) > maxOwnerUnfinishedBytes)
      boundUnfinished(this.#sessions.keys(), this.#limits)
  }

  /** Its connection has ended. */
  forget(session: BufferingSession): void {
    const kept = this.#sessions.get(session)
    if (kept === undefined) return
    this.#sessions.delete(session)
    this.#quota.release(kept.owner, kept.bytes)
  }
}
