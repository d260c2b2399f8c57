/**
 * The processes that a command starts. They end with it, however it ends: on a signal they are asked to and then made
 * to; when it is killed, they see their standard input close.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'

interface ProcessOptions {
  readonly command: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Takes each line that the process writes. */
  onLine(line: string, stream: 'stdout' | 'stderr'): void
}

interface StartedProcess {
  readonly pid: number | undefined
  /** Resolves when it has ended and let go of its outputs, with a few words on how: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>
}

export interface Processes extends AsyncDisposable {
  /** Starts one. A command that cannot be started ends at once, and `ended` says why. */
  start(options: ProcessOptions): StartedProcess
  /** Ends all: SIGTERM, and SIGKILL for those left after `graceMs`. Idempotent. */
  stop(): Promise<void>
  /** SIGKILL for all, without waiting. */
  kill(): void
}

/**
 * Makes an empty set of processes.
 * @param options `graceMs`: how long they may take to end by themselves, default 5 s
 */
export function createProcesses(options: { graceMs?: number } = {}): Processes {
  const { graceMs = 5_000 } = options
  const running = new Map<ChildProcess, Promise<string>>()
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const child of running.keys()) signalGroup(child, signal)
  }
  const killAll = (): void => signalAll('SIGKILL')
  process.on('exit', killAll)
  const stop = async (): Promise<void> => {
    const all = [...running.values()]
    for (const child of running.keys()) child.stdin?.end()
    signalAll('SIGTERM')
    const timer = setTimeout(killAll, graceMs)
    await Promise.all(all)
    clearTimeout(timer)
  }
  return {
    start(given) {
      const child = spawnGroup(given)
      const ended = endOf(child).finally(() => running.delete(child))
      running.set(child, ended)
      return { pid: child.pid, ended }
    },
    stop,
    kill: killAll,
    async [Symbol.asyncDispose]() {
      await stop()
      process.removeListener('exit', killAll)
    },
  }
}

/** A group of its own, so that Ctrl-C in the terminal reaches the command alone, which ends them in order. */
function spawnGroup({ command, env, cwd, onLine }: ProcessOptions): ChildProcess {
  const [program, ...args] = command
  const child = spawn(program, args, {
    detached: process.platform !== 'win32',
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  child.stdin.on('error', () => {}) // it may be gone before the pipe is closed
  createInterface({ input: child.stdout }).on('line', line => onLine(line, 'stdout'))
  createInterface({ input: child.stderr }).on('line', line => onLine(line, 'stderr'))
  return child
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
}

/** Sends a signal to a process that leads a group, and to all of the group. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {} // gone already
}
