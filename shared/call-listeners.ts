/** Calling listeners that others gave: an error of one is its own, and in nobody's way. */

/** Calls one. An error that it throws is uncaught, as it would be without us, once this turn is over. */
export function callApart<Args extends readonly unknown[]>(one: (...args: Args) => void, ...args: Args): void {
  try {
    one(...args)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/** Calls each that is there now, in order, also after one that throws. */
export function callEach<Args extends readonly unknown[]>(all: Iterable<(...args: Args) => void>, ...args: Args): void {
  for (const one of [...all]) callApart(one, ...args)
}
