/** A token that a command prints. */
import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import process from 'node:process'
import { hasTerminal } from '../hang-up.ts'
import { signalGroup } from '../processes.ts'
import { maxBytes, noToken, tookTooLong } from './source.ts'

/**
 * A group of its own, so that all parts of a pipeline end with the command. At a terminal they stay in that of the command line:
 * Ctrl-C reaches them there, and they may ask for a password.
 */
const isGroup = process.platform !== 'win32' && !hasTerminal

/**
 * Runs a command by the shell, for its output. It has no input, and its errors go nowhere: command and output may hold secrets.
 * @param name of the option or variable
 * @param signal kills it
 */
export async function fromCommand(command: string, name: string, signal: AbortSignal): Promise<string> {
  const stdio = ['ignore', 'pipe', 'ignore'] as const
  const child = spawn(command, { shell: true, detached: isGroup, stdio: [...stdio], windowsHide: true })
  const chunks: Buffer[] = []
  let bytes = 0
  let fault: string | undefined
  const kill = (): void => {
    if (isGroup) signalGroup(child, 'SIGKILL')
    else child.kill('SIGKILL')
  }
  const stop = (why: string): void => {
    fault ??= why
    child.stdout.destroy() // a part that outlives it may hold the pipe
    kill()
  }
  const onAbort = (): void => stop(tookTooLong)
  signal.addEventListener('abort', onAbort, { once: true })
  process.once('exit', kill)
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) stop(`printed over ${maxBytes} bytes`)
    else chunks.push(chunk)
  })
  try {
    await new Promise<void>(resolve => {
      child.once('error', error => {
        fault ??= `cannot be started (${(error as NodeJS.ErrnoException).code})`
        resolve()
      })
      child.once('close', (code, ending) => {
        if (code !== 0) fault ??= `ended with ${ending ?? `exit code ${code}`}`
        resolve()
      })
    })
  } finally {
    signal.removeEventListener('abort', onAbort)
    process.removeListener('exit', kill)
  }
  if (fault !== undefined) throw noToken(`${name}: the command ${fault}; run it by hand to see why`)
  return Buffer.concat(chunks).toString()
}
