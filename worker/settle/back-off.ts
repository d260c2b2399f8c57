import type { Clock } from '../../shared/clock.ts'

/** Waits between tries, which can all be ended early. */
export class Pauses {
  readonly #clock: Pick<Clock, 'timer'>
  readonly #wakes = new Set<() => void>()
  #isStopped = false

  constructor(clock: Pick<Clock, 'timer'>) {
    this.#clock = clock
  }

  /** @returns false when it is stopped */
  async wait(ms: number): Promise<boolean> {
    if (this.#isStopped) return false
    await new Promise<void>(resolve => {
      const wake = (): void => {
        stop()
        this.#wakes.delete(wake)
        resolve()
      }
      const stop = this.#clock.timer(ms, wake)
      this.#wakes.add(wake)
    })
    return !this.#isStopped
  }

  /** Ends those that there are. */
  wake(): void {
    for (const wake of this.#wakes) wake()
  }

  /** Ends those that there are, and those to come. */
  stop(): void {
    this.#isStopped = true
    this.wake()
  }
}

const firstBackOffMs = 1_000
const longestBackOffMs = 30_000

/** How long to wait before the next try: doubled from 1 s to 30 s, and nothing before the first. */
export function backOffMs(tries: number): number {
  return tries <= 0 ? 0 : Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.min(tries - 1, 10))
}
