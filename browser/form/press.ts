/** Waits until no pointer is pressed: what is said between press and click would move a button from under it. */
export class Press {
  /** Resolves after the click. */
  ended: Promise<void> = Promise.resolve()

  readonly onPointerDown = (): void => {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.ended = promise
    const done = new AbortController()
    const onEnd = (): void => {
      done.abort()
      setTimeout(resolve) // the click comes first
    }
    for (const type of ['pointerup', 'pointercancel']) {
      document.addEventListener(type, onEnd, { capture: true, signal: done.signal })
    }
  }
}
