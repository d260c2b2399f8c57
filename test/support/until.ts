/** Waiting for events, never for time to pass; an event that did not happen is named. */

// As it was before a test took the timers
const { setTimeout } = globalThis

export interface UntilOptions {
  /** Default 20 s: two busy cores. */
  timeoutMs?: number
  /** Told when it did not happen, at most the last 4000 characters. */
  evidence?: () => string
}

/**
 * Looks every 20 ms until `look` gives something.
 * @param what completes "Waited in vain until …"
 * @param look gives `undefined` or `false` while it has not happened; its error ends the waiting
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  options: UntilOptions = {},
): Promise<T> {
  const { timeoutMs = 20_000, evidence } = options
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw inVain(what, timeoutMs, evidence)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** `promise`, or an error that names its purpose, when it takes longer than `timeoutMs`. */
export async function within<T>(what: string, promise: Promise<T>, options: UntilOptions = {}): Promise<T> {
  const { timeoutMs = 20_000, evidence } = options
  const over = Promise.withResolvers<never>()
  const timer = setTimeout(() => over.reject(inVain(what, timeoutMs, evidence)), timeoutMs)
  try {
    return await Promise.race([promise, over.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Everything that an iterable gives until it ends. */
export async function collect<T>(from: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of from) all.push(one)
  return all
}

function inVain(what: string, timeoutMs: number, evidence?: () => string): Error {
  return new Error(`Waited ${timeoutMs} ms in vain until ${what}. ${evidence?.().slice(-4000) ?? ''}`)
}
