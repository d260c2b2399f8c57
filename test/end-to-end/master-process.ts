/** Master processes, with their jobs in a file, as the scenarios start and kill them. */
import { fileURLToPath } from 'node:url'
import { type GuardedProcess, startGuarded } from '../support/processes/guarded.ts'
import type { Access } from '../support/system/access.ts'
import { untilLine } from '../support/system/worker-process.ts'

/** The options of the master process. */
export interface MasterSettings extends Access {
  masterId: string
  /** Where it keeps its jobs. */
  file: string
  /** Dispatches one job that waits at this gate. */
  gate?: string
}

export interface MasterProcess extends AsyncDisposable, Pick<GuardedProcess, 'log' | 'signal'> {
  /** The rest of the first line that begins with `start`, once it has been written. */
  line(start: string, timeoutMs?: number): Promise<string>
  /** Kills it with -9 and waits until it is gone. */
  kill(): Promise<void>
}

const ordinary = new URL('fixtures/master.ts', import.meta.url)

/** @param options `env` is added to this process's own; `program` is `fixtures/master.ts` by default */
export function startMasterProcess(
  settings: MasterSettings,
  options: { env?: Record<string, string>; program?: URL } = {},
): MasterProcess {
  const { env = {}, program = ordinary } = options
  const master = startGuarded([process.execPath, fileURLToPath(program), JSON.stringify(settings)], { env })
  return {
    log: () => master.log(),
    signal: name => master.signal(name),
    line: async (start, timeoutMs) =>
      (await untilLine(master, start, 'the master process', timeoutMs)).slice(start.length + 1),
    kill: () => master.end(),
    [Symbol.asyncDispose]: () => master.end(),
  }
}
