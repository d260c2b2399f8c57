/** Waits until no pointer is pressed: text that comes between press and click would move a button from under it. */
import type { Clock } from '../../shared/clock.ts'

export class Press {
  readonly #clock: Clock
  /** Resolves after the click. */
  ended: Promise<void> = Promise.resolve()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Acts on an input that a person changed and left. Never at once: an input that is taken away while it is rendered says
   * that it has changed, too.
   */
  left({ target }: Event, act: (input: HTMLInputElement) => void): void {
    void this.ended.then(() => {
      const input = target as HTMLInputElement
      if (input.isConnected) act(input)
    })
  }

  readonly onPointerDown = ({ currentTarget }: Event): void => {
    const { ownerDocument } = currentTarget as Element
    const { promise, resolve } = Promise.withResolvers<void>()
    this.ended = promise
    const done = new AbortController()
    const onEnd = (): void => {
      done.abort()
      this.#clock.timer(0, resolve) // the click comes first
    }
    for (const type of ['pointerup', 'pointercancel']) {
      ownerDocument.addEventListener(type, onEnd, { capture: true, signal: done.signal })
    }
  }
}
