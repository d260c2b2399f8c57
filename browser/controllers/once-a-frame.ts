/** Merges many requests of a frame into one run: 500 replies a second are at most one render each frame. */

export class FrameUpdates {
  readonly #run: () => void
  #request: number | undefined

  constructor(run: () => void) {
    this.#run = run
  }

  /** Runs before the next paint. In a hidden tab that is when it is seen again: nobody misses a picture till then. */
  request(): void {
    this.#request ??= requestAnimationFrame(() => {
      this.#request = undefined
      this.#run()
    })
  }

  cancel(): void {
    if (this.#request !== undefined) cancelAnimationFrame(this.#request)
    this.#request = undefined
  }
}
