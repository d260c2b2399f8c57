/** Worker processes of the worker suite. */
import { fileURLToPath } from 'node:url'
import { type GuardedProcess, startGuarded } from '../support/processes/guarded.ts'
import { until } from '../support/until.ts'
import type { Settings } from './fixtures/worker-main.ts'

export type Runtime = 'node' | 'deno'

const program = fileURLToPath(new URL('fixtures/worker-main.ts', import.meta.url))
const commands: Record<Runtime, readonly string[]> = {
  node: [process.execPath, program],
  deno: ['deno', 'run', '-A', '--no-lock', program],
}

export interface WorkerProcess extends AsyncDisposable {
  readonly child: GuardedProcess
  /** Lines that it wrote and that begin so. */
  lines(start: string): string[]
  /** Waits for such a line. */
  line(start: string): Promise<string>
}

/** Runs the command behind it, and stays when that has ended, so that processes which the command has left behind go on. */
export const staying: readonly string[] = ['sh', '-c', '"$@"; sleep 60', 'sh']

/** Starts one and waits until it takes jobs. @param by a command that runs the one behind it */
export async function startWorkerProcess(
  runtime: Runtime,
  settings: Settings,
  by: readonly string[] = [],
): Promise<WorkerProcess> {
  const child = startGuarded([...by, ...commands[runtime], JSON.stringify(settings)])
  const lines = (start: string): string[] =>
    child
      .log()
      .split('\n')
      .filter(line => line.startsWith(start))
  const found = (start: string): string | undefined => {
    const [first] = lines(start)
    if (first === undefined && !child.isRunning) throw new Error(`The ${runtime} worker ended: ${child.log()}`)
    return first
  }
  const worker: WorkerProcess = {
    child,
    lines,
    line: start =>
      until(`the ${runtime} worker says "${start}"`, () => found(start), {
        timeoutMs: 20_000,
        evidence: () => child.log(),
      }),
    [Symbol.asyncDispose]: () => child.end(),
  }
  try {
    await worker.line('ready')
  } catch (error) {
    await child.end()
    throw error
  }
  return worker
}
