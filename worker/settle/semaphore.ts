/** A semaphore by size: so much is inside at a time, in order of coming. */
export class Semaphore {
  readonly #most: number
  #inside = 0
  /** Resolves when the caller that came last before is in. */
  #before: Promise<void> = Promise.resolve()
  #wake = (): void => {}

  /** @param most of all sizes inside; one that is larger goes in alone */
  constructor(most: number) {
    this.#most = most
  }

  /** @returns how to release it; to be called once */
  async acquire(size: number): Promise<() => void> {
    const before = this.#before
    const entered = Promise.withResolvers<void>()
    this.#before = entered.promise
    await before
    while (this.#inside > 0 && this.#inside + size > this.#most) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    this.#inside += size
    entered.resolve()
    return () => {
      this.#inside -= size
      this.#wake()
    }
  }
}
