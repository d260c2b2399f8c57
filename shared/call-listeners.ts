/** Calling what others gave to be called: what one of them throws is its own, and in nobody's way. */

/** Calls one. What it throws is heard as what it is, uncaught, once this turn is over. */
export function callApart<Args extends readonly unknown[]>(one: (...args: Args) => void, ...args: Args): void {
  try {
    one(...args)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/** Calls each that is there now, in order, whatever the ones before throw. */
export function callEach<Args extends readonly unknown[]>(all: Iterable<(...args: Args) => void>, ...args: Args): void {
  for (const one of [...all]) callApart(one, ...args)
}
