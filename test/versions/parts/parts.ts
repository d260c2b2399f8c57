/** Bridges, workers and masters of two versions, each a process of its own. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type GuardedProcess, startGuarded } from '../../support/processes/guarded.ts'
import { until } from '../../support/until.ts'
import type { BridgePart } from './bridge.ts'
import type { MasterPart } from './master.ts'
import type { WorkerPart } from './worker.ts'

interface Settings {
  bridge: BridgePart
  master: MasterPart
  worker: WorkerPart
}

/**
 * Starts a part and waits until it is ready.
 * @param folder the checkout that it is of
 */
export async function startPart<P extends keyof Settings>(
  part: P,
  folder: string,
  settings: Settings[P],
): Promise<GuardedProcess> {
  const program = fileURLToPath(new URL(`${part}.ts`, import.meta.url))
  const child = startGuarded([process.execPath, program, folder, JSON.stringify(settings)])
  try {
    await until(`the ${part} of ${folder} is ready`, () => linesOf(child, 'ready').length > 0 || !child.isRunning, {
      evidence: () => child.log(),
    })
    // A part that was ready may have been killed by now, as a worker by its first job
    if (linesOf(child, 'ready').length === 0)
      throw new Error(`The ${part} of ${folder} ended:\n${child.log().slice(-4000)}`)
    return child
  } catch (error) {
    await child.end()
    throw error
  }
}

/** The output of a part behind `start`, line by line. */
export const linesOf = (child: GuardedProcess, start: string): string[] =>
  child
    .log()
    .split('\n')
    .filter(line => line === start || line.startsWith(`${start} `))
    .map(line => line.slice(start.length + 1))

/** This checkout. */
export const here = join(fileURLToPath(new URL('../../..', import.meta.url)))
