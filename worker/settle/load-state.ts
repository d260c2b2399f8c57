/** A worker's job memory as it was before, loaded where its options name a file. */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/mod.ts'
import type { Seal } from '../../shared/seal/mod.ts'
import type { JobMemory } from './job-memory.ts'
import { KeptMemory } from './kept-memory.ts'
import type { StateDisk } from './state-disk.ts'

export interface LoadStatePorts {
  /** Absent where there are no files. */
  readonly openState?: ((file: string) => Promise<StateDisk>) | undefined
  readonly memory: JobMemory
  readonly clock: Clock
  readonly seal?: Seal | undefined
  problem(message: string, error?: unknown): void
}

/**
 * @returns `undefined` where no file is named, or its disk is full: the worker goes on in memory
 * @throws {DroverError} `store_failed` when the file cannot be had, `config_invalid` where there are none
 */
export async function loadState(file: string | undefined, ports: LoadStatePorts): Promise<KeptMemory | undefined> {
  if (file === undefined) return undefined
  const { openState, problem } = ports
  if (openState === undefined) throw new DroverError('config_invalid', 'This runtime keeps no "state" in a file')
  let disk: StateDisk | undefined
  try {
    disk = await openState(file)
    return new KeptMemory({ ...ports, disk })
  } catch (error) {
    disk?.close()
    if (!isDiskFull(error)) throw error
    problem(`No state can be kept in ${file}, whose disk is full; this worker goes on in memory`, error)
    return undefined
  }
}

const sqliteFull = 13

function isDiskFull(error: unknown): boolean {
  const { code, errcode, cause } = error as {
    readonly code?: unknown
    readonly errcode?: unknown
    readonly cause?: unknown
  }
  return code === 'ENOSPC' || errcode === sqliteFull || (cause !== undefined && isDiskFull(cause))
}
