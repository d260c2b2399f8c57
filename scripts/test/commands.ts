/** Commands that the preparation and the checks run, with their output kept for when they fail. */
import { spawn } from 'node:child_process'
import { atEnd } from './at-end.ts'

export interface Ran {
  isOk: boolean
  /** Both outputs in the order they came; the system's own words when the command could not be started. */
  output: string
}

export interface RunOptions {
  /** The time after which a command that hangs is ended; default 10 minutes. */
  timeoutMs?: number
  env?: Record<string, string>
  cwd?: string
  /** Called with each piece of output as it comes. */
  onOutput?: (text: string) => void
}

const running = new Set<() => void>()
atEnd(() => {
  for (const killGroup of running) killGroup()
})

/**
 * Runs a command to its end; never rejects.
 * @param command program and arguments, no shell
 */
export function run(command: readonly [string, ...string[]], options: RunOptions = {}): Promise<Ran> {
  const { timeoutMs = 600_000, env, cwd, onOutput } = options
  const [program, ...args] = command
  const { promise, resolve } = Promise.withResolvers<Ran>()
  // A group of its own, so that a time-out ends the command's own children as well.
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    cwd,
    detached: true,
  })
  let output = ''
  const keep = (text: string): void => {
    output += text
    onOutput?.(text)
  }
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {} // already gone
  }
  const timer = setTimeout(() => {
    keep(`\n${program} did not end within ${timeoutMs / 1000} s\n`)
    killGroup()
  }, timeoutMs)
  running.add(killGroup)
  const end = (isOk: boolean): void => {
    clearTimeout(timer)
    running.delete(killGroup)
    resolve({ isOk, output })
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  child.once('error', error => {
    keep(`${error.message}\n`)
    end(false)
  })
  child.once('close', status => end(status === 0))
  return promise
}
