/** The bytes of a frame that came in several chunks. Large parts stay where they came, and small ones are copied together. */
import { GrowingBytes } from './growing-bytes.ts'

/** From here on a part is not copied. */
const largeBytes = 16_384

export class HeldBytes {
  length = 0
  readonly #whole: Uint8Array[] = []
  #growing: GrowingBytes | undefined

  /** The first part: the head lies in it. */
  get first(): Uint8Array {
    return this.#whole[0] ?? this.#growing!.bytes
  }

  /** All, in order. */
  get parts(): readonly Uint8Array[] {
    return this.#growing ? [...this.#whole, this.#growing.bytes] : this.#whole
  }

  /** @param isHead then it has to be in one part with the bytes before */
  append(chunk: Uint8Array, from: number, to: number, isHead: boolean): void {
    const length = to - from
    this.length += length
    // A view keeps all of the memory behind it
    if (isHead || length < largeBytes || length * 2 < chunk.buffer.byteLength) {
      this.#growing ??= new GrowingBytes()
      this.#growing.append(chunk, from, to)
      return
    }
    if (this.#growing) this.#whole.push(this.#growing.bytes)
    this.#growing = undefined
    this.#whole.push(chunk.subarray(from, to))
  }
}
