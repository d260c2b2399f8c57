/** Processes that tests start: in a group of their own, with their output kept, and never outliving the test process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const guard = fileURLToPath(new URL('guard', import.meta.url))
const keptLogCharacters = 64 * 1024

/** A command running under `guard`, in a process group of its own. */
export interface GuardedProcess {
  /** The last 64 KiB of both its outputs. */
  log(): string
  /** False once every process of the group is gone. */
  readonly isRunning: boolean
  /** Resolves once every process of the group is gone. */
  readonly ended: Promise<void>
  /**
   * Sends a signal to the whole group.
   * @param signal any; SIGSTOP and SIGCONT make a peer that stands still
   */
  signal(signal: NodeJS.Signals): void
  /** Kills the group with SIGKILL and waits until it is gone. Twice is harmless. */
  end(): Promise<void>
}

export interface GuardOptions {
  /** Added to this process's own. */
  readonly env?: Record<string, string>
  /** Default this process's. */
  readonly cwd?: string
  /** Given both its outputs, as they come. */
  readonly onOutput?: (text: string) => void
}

/**
 * Starts a command in a process group of its own, which ends with this process however this process ends.
 * @param command program and arguments
 */
export function startGuarded(command: readonly string[], options: GuardOptions = {}): GuardedProcess {
  const child = spawn(guard, command, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
  })
  let log = ''
  const keep = (text: string): void => {
    log = (log + text).slice(-keptLogCharacters)
    options.onOutput?.(text)
  }
  child.stdout?.setEncoding('utf8').on('data', keep)
  child.stderr?.setEncoding('utf8').on('data', keep)
  child.on('error', error => keep(`${error}\n`))
  child.stdin?.on('error', () => {}) // the group may go before the pipe does
  let isRunning = true
  // 'close' and not 'exit': it comes when the last process of the group has let go of the outputs.
  const ended = new Promise<void>(resolve => child.once('close', () => resolve())).then(() => {
    isRunning = false
  })
  const signal = (name: NodeJS.Signals): void => signalGroup(child, name)
  return {
    log: () => log,
    get isRunning() {
      return isRunning
    },
    ended,
    signal,
    async end() {
      if (isRunning) signal('SIGKILL')
      await ended
    },
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
