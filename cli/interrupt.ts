import process from 'node:process'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Takes over Ctrl-C and the signals that ask a process to end.
 * @param first called at the first of them, `again` at each later one
 * @returns gives them back
 */
export function onInterrupt(
  first: (signal: NodeJS.Signals) => void,
  again: (signal: NodeJS.Signals) => void,
): () => void {
  let count = 0
  const listener = (signal: NodeJS.Signals): void => (count++ === 0 ? first(signal) : again(signal))
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) process.removeListener(signal, listener)
  }
}

/** Resolves at the first signal. A second one ends the process at once. */
export async function untilInterrupted(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    onInterrupt(resolve, () => process.exit(130))
  })
}
