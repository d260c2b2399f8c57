/** Text that mostly repeats from frame to frame, such as a destination: decoded once, then known by its bytes. */
import { textAt } from '../../../shared/frames/text.ts'

export class LastText {
  #bytes: Uint8Array = nothing
  #text = ''

  /** Text of `bytes[start, end)`, which is known to be UTF-8; still escaped. */
  at(bytes: Uint8Array, start: number, end: number): string {
    const last = this.#bytes
    const length = end - start
    if (length === last.length) {
      let at = 0
      while (at < length && bytes[start + at] === last[at]) at++
      if (at === length) return this.#text
    }
    // Copied, or a whole chunk would stay for it
    this.#bytes = new Uint8Array(bytes.subarray(start, end))
    this.#text = textAt(bytes, start, end)
    return this.#text
  }
}

const nothing = new Uint8Array(0)
