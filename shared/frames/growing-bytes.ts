/** The bytes of a frame that came in several chunks; grows by doubling, so that n bytes cost O(n) however they arrive. */
export class GrowingBytes {
  #buffer = new Uint8Array(1024)
  length = 0

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.length)
  }

  append(chunk: Uint8Array, from: number, to: number): void {
    const length = this.length + to - from
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, this.#buffer.length * 2))
      grown.set(this.bytes)
      this.#buffer = grown
    }
    this.#buffer.set(chunk.subarray(from, to), this.length)
    this.length = length
  }
}
