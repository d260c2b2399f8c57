/** Masters of a storm: processes with a plan, and their jobs in a file. */
import { fileURLToPath } from 'node:url'
import type { Outcome } from 'drover/master'
import { type GuardedProcess, type GuardOptions, startGuarded } from '../support/processes/guarded.ts'
import type { Access } from '../support/system/access.ts'
import type { Runtime } from '../support/system/worker-process.ts'

/** The options of the master process. */
export interface MasterSettings extends Access {
  readonly masterId: string
  /** Where it keeps its jobs. */
  readonly file: string
  /** The file of its `PlannedJob`s. */
  readonly plan: string
  /** When the storm began, in ms since the epoch. */
  readonly startedAt: number
}

/** A line of it about a job. */
export interface Told {
  readonly id: string
  readonly at: string
  readonly outcome?: Outcome
  readonly attempt: number
  readonly losses: number
  /** How many outcomes came after the one that counts. */
  readonly late: number
  /** How many of its replies were applied twice. */
  readonly repeated: number
  /** Of a broadcast that has ended: names, one for each worker that has an outcome. */
  readonly answered?: readonly string[]
}

const program = fileURLToPath(new URL('fixtures/master.ts', import.meta.url))
const commands: Record<Runtime, readonly string[]> = {
  node: [process.execPath, program],
  deno: ['deno', 'run', '-A', '--no-lock', program],
}

export function spawnMaster(runtime: Runtime, settings: MasterSettings, options: GuardOptions): GuardedProcess {
  return startGuarded([...commands[runtime], JSON.stringify(settings)], options)
}
