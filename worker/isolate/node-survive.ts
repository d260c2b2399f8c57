/** Keeps a process, or a thread, alive when something is thrown where nobody waits for it. */
import process from 'node:process'

/** @returns how to stop that */
export function survive(tell: (thrown: unknown) => void): () => void {
  const names = ['unhandledRejection', 'uncaughtException'] as const
  for (const name of names) process.on(name, tell)
  return () => {
    for (const name of names) process.off(name, tell)
  }
}
