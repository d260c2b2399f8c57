/** The bytes of all messages that the broker holds, and who waits for some to become free. */
export class Room {
  readonly maxBytes: number
  usedBytes = 0
  readonly #waiting = new Set<() => void>()
  #isCalling = false

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  take(bytes: number): void {
    this.usedBytes += bytes
  }

  release(bytes: number): void {
    this.usedBytes -= bytes
    if (this.#waiting.size === 0 || this.#isCalling) return
    this.#isCalling = true
    // Afterwards, so that nobody's message goes in between two steps of whoever released
    queueMicrotask(() => {
      this.#isCalling = false
      for (const retry of [...this.#waiting]) retry()
    })
  }

  /** Calls `retry` whenever room became free, in order of arrival, until the returned function is called. */
  wait(retry: () => void): () => void {
    this.#waiting.add(retry)
    return () => void this.#waiting.delete(retry)
  }
}
