/** An error that a task's code throws where nobody waits for it is told as a problem. */
import { toWireError } from './settle/wire-error.ts'

export interface UncaughtPorts {
  /** Whether jobs may be sealed here. */
  readonly isSealed: boolean
  problem(message: string, error?: unknown): void
}

/** @returns tells of an error */
export function uncaughtTeller({ isSealed, problem }: UncaughtPorts): (thrown: unknown) => void {
  return thrown => {
    if (isSealed) problem(uncaughtUnderSeal(thrown))
    else problem(`Nobody waits for this error: ${toWireError(thrown).message}`, thrown)
  }
}

/** Nobody knows which job it is of, and its text may quote the input of a sealed one. The place of its code is no payload. */
function uncaughtUnderSeal(thrown: unknown): string {
  const { stack = '', message = '' } = thrown instanceof Error ? thrown : {}
  const frames = stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : ''
  const place = /^ +at (.+)$/m.exec(frames)?.[1]
  return `Nobody waits for an error${place === undefined ? '' : ` at ${place}`}; its text may be of a sealed job and is not told`
}
