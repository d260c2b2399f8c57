/** The master on Deno: TCP beside WebSocket. */
import type { Reply } from '../contract/mod.ts'
import { createDenoSocket } from '../stomp/sockets/deno.ts'
import { findTracing } from '../tracing/node.ts'
import type { Master, StartOptions } from './api.ts'
import { createMaster as createPortable } from './master.ts'
import { type ReadJobOptions, readJob as readPortable } from './one-job/read-job.ts'
import type { MasterOptions } from './options.ts'
import { startMaster as startPortable } from './start.ts'

export * from './mod.ts'
export { fileStorage } from './storage/deno-file.ts'

const readText = (path: string): Promise<string> => Deno.readTextFile(path)

/** As `createMaster` everywhere, with `stomp:` and `stomp+ssl:` addresses too. */
export function createMaster<Tasks = unknown>(options: MasterOptions): Master<Tasks> {
  return createPortable<Tasks>({ createSocket: createDenoSocket, readText, tracing: findTracing(), ...options })
}

/** As `startMaster` everywhere, with `stomp:` and `stomp+ssl:` addresses too. */
export function startMaster<Tasks = unknown>(options: StartOptions): Promise<Master<Tasks>> {
  return startPortable<Tasks>({ createSocket: createDenoSocket, readText, tracing: findTracing(), ...options })
}

/** As `readJob` everywhere, with this runtime's sockets. */
export function readJob(options: ReadJobOptions): AsyncGenerator<Reply, void, undefined> {
  return readPortable({ createSocket: createDenoSocket, ...options })
}
