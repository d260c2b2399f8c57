/** Worker processes, under Node and under Deno, as the scenarios start and kill them. */
import { fileURLToPath } from 'node:url'
import { type GuardedProcess, type GuardOptions, startGuarded } from '../processes/guarded.ts'
import { until } from '../until.ts'
import type { Access } from './access.ts'

export type Runtime = 'node' | 'deno'

/** The options of the worker process. */
export interface WorkerSettings extends Access {
  name: string
  /** Default 1. */
  concurrency?: number
  /** Names of the tasks it implements; by default all that leave it alive. */
  tasks?: string[]
  /** Whether it writes its events, too. */
  tellsEvents?: boolean
}

export interface WorkerProcess extends AsyncDisposable, Pick<GuardedProcess, 'log' | 'signal' | 'ended' | 'isRunning'> {
  readonly name: string
  /** How often it began to run that job. */
  runs(requestId: string): number
  /** Kills it with -9 and waits until it is gone. */
  kill(): Promise<void>
}

const program = fileURLToPath(new URL('worker-main.ts', import.meta.url))
const commands: Record<Runtime, readonly string[]> = {
  node: [process.execPath, program],
  deno: ['deno', 'run', '-A', '--no-lock', program],
}

/** Starts a worker and waits for nothing. */
export function spawnWorker(runtime: Runtime, settings: WorkerSettings, options: GuardOptions = {}): GuardedProcess {
  return startGuarded([...commands[runtime], JSON.stringify(settings)], options)
}

/** Starts a worker and waits until it takes jobs. */
export async function startWorkerProcess(
  runtime: Runtime,
  settings: WorkerSettings,
  options: GuardOptions = {},
): Promise<WorkerProcess> {
  const worker = spawnWorker(runtime, settings, options)
  try {
    await untilLine(worker, 'ready', `the ${runtime} worker ${settings.name}`)
  } catch (error) {
    await worker.end()
    throw error
  }
  return {
    name: settings.name,
    log: () => worker.log(),
    signal: name => worker.signal(name),
    ended: worker.ended,
    get isRunning() {
      return worker.isRunning
    },
    runs: requestId =>
      worker
        .log()
        .split('\n')
        .filter(line => line.startsWith('run ') && line.includes(requestId)).length,
    kill: () => worker.end(),
    [Symbol.asyncDispose]: () => worker.end(),
  }
}

/** Waits until a process has written a line that begins with `start`, and gives that line. */
export async function untilLine(
  child: GuardedProcess,
  start: string,
  who: string,
  timeoutMs = 20_000,
): Promise<string> {
  return await until(
    `${who} says "${start}"`,
    () => {
      const line = child
        .log()
        .split('\n')
        .find(candidate => candidate.startsWith(start))
      if (line !== undefined) return line
      if (!child.isRunning) throw new Error(`${who} ended before it said "${start}":\n${child.log().slice(-4000)}`)
      return undefined
    },
    { timeoutMs, evidence: () => child.log() },
  )
}
