/** Leaving nothing behind, also where a signal ends this process: no `exit` comes then. Vitest ends a file's by SIGTERM. */
import process from 'node:process'

/** Calls `leave` as this process ends by itself, by Ctrl-C or by SIGTERM. */
export function atEnd(leave: () => void): void {
  process.on('exit', leave)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      leave()
      process.kill(process.pid, signal)
    })
  }
}
