/** The master on Node: TCP beside WebSocket. */

import type { Reply } from '../contract/mod.ts'
import { checkNode } from '../node-version.ts'
import { readKeyText } from '../seal/node-text.ts'
import { createNodeSocket } from '../stomp/sockets/node.ts'
import { findTracing } from '../tracing/node.ts'
import type { Master, StartOptions } from './api.ts'
import { createMaster as createPortable } from './master.ts'
import { type ReadJobOptions, readJob as readPortable } from './one-job/read-job.ts'
import type { MasterOptions } from './options.ts'
import { startMaster as startPortable } from './start.ts'

export * from './mod.ts'
export { fileStorage } from './storage/node-file.ts'

/** As `createMaster` everywhere, with `stomp:` and `stomp+ssl:` addresses too. */
export function createMaster<Tasks = unknown>(options: MasterOptions): Master<Tasks> {
  checkNode()
  return createPortable<Tasks>({
    createSocket: createNodeSocket,
    readText: readKeyText,
    tracing: findTracing(),
    ...options,
  })
}

/** As `startMaster` everywhere, with `stomp:` and `stomp+ssl:` addresses too. */
export async function startMaster<Tasks = unknown>(options: StartOptions): Promise<Master<Tasks>> {
  checkNode()
  return await startPortable<Tasks>({
    createSocket: createNodeSocket,
    readText: readKeyText,
    tracing: findTracing(),
    ...options,
  })
}

/** As `readJob` everywhere, with this runtime's sockets. */
export function readJob(options: ReadJobOptions): AsyncGenerator<Reply, void, undefined> {
  checkNode()
  return readPortable({ createSocket: createNodeSocket, ...options })
}
