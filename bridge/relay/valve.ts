/** A connection's reading side, closed by whoever has a reason and open again when nobody has one left. */
import type { ByteLink } from '../../shared/frames/byte-link.ts'

export class Valve<Reason extends string> {
  readonly #link: ByteLink
  readonly #reasons: Set<Reason> = new Set()

  constructor(link: ByteLink) {
    this.#link = link
  }

  get isClosed(): boolean {
    return this.#reasons.size > 0
  }

  close(reason: Reason): void {
    if (this.#reasons.size === 0) this.#link.pause()
    this.#reasons.add(reason)
  }

  open(reason: Reason): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.#link.resume()
  }
}
