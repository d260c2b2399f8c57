/** How a command hears that it is to end. */
import process from 'node:process'
import { onHangUp } from './hang-up.ts'

const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * Takes over Ctrl-C and the signals that ask a process to end.
 * @param first called at the first of them, `again` at each later one
 * @param onIgnored told of a SIGHUP that ends nothing
 * @param onReload called by it in place of that
 * @returns gives them back
 */
export function onInterrupt(
  first: (signal: NodeJS.Signals) => void,
  again: (signal: NodeJS.Signals) => void,
  onIgnored: (text: string) => void = () => {},
  onReload?: () => void,
): () => void {
  let count = 0
  const listener = (signal: NodeJS.Signals): void => (count++ === 0 ? first(signal) : again(signal))
  for (const signal of signals) process.on(signal, listener)
  const release = onHangUp(() => listener('SIGHUP'), onIgnored, onReload)
  return () => {
    release()
    for (const signal of signals) process.removeListener(signal, listener)
  }
}

/**
 * Resolves at the first signal. A second one ends the process at once.
 * @param onIgnored told of a SIGHUP that ends nothing
 * @param onReload called by it in place of that
 */
export async function untilInterrupted(
  onIgnored: (text: string) => void,
  onReload?: () => void,
): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    onInterrupt(resolve, () => process.exit(130), onIgnored, onReload)
  })
}
