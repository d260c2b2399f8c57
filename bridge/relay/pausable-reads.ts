/** A connection's reading side. It pauses for any of several reasons, and resumes when none is left. */
import type { ByteLink } from '../../shared/frames/byte-link.ts'
import { LazySet } from '../../shared/lazy-collections.ts'

export class PausableReads<Reason extends string> {
  readonly #link: ByteLink
  readonly #reasons: LazySet<Reason> = new LazySet()

  constructor(link: ByteLink) {
    this.#link = link
  }

  get isPaused(): boolean {
    return this.#reasons.size > 0
  }

  pause(reason: Reason): void {
    if (this.#reasons.size === 0) this.#link.pause()
    this.#reasons.add(reason)
  }

  resume(reason: Reason): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.#link.resume()
  }
}
