/** The master on Node: TCP beside WebSocket. */

import type { Reply } from '../contract/mod.ts'
import { checkNode } from '../node-version.ts'
import { readKeyText } from '../seal/node-text.ts'
import { nodeSockets } from '../stomp/sockets/node.ts'
import type { TlsOptions } from '../stomp/sockets/tls-options.ts'
import { findTracing } from '../tracing/node.ts'
import type { Master, StartOptions } from './api.ts'
import { createMaster as createPortable } from './master.ts'
import { type ReadJobOptions, readJob as readPortable } from './one-job/read-job.ts'
import type { MasterOptions } from './options.ts'
import { startMaster as startPortable } from './start.ts'

export * from './mod.ts'
export { fileStorage } from './storage/node-file.ts'

/** Pages have the TLS of their browser. */
type WithTls<Options> = Options & {
  /** TLS beyond that of the runtime, for `stomp+ssl:` and `wss:`: an authority, a certificate of its own, another name. */
  readonly tls?: TlsOptions | undefined
}

/** As `createMaster` everywhere, with `stomp:` and `stomp+ssl:` addresses too. */
export function createMaster<Tasks = unknown>(options: WithTls<MasterOptions>): Master<Tasks> {
  checkNode()
  return createPortable<Tasks>(withSockets(options))
}

/** As `startMaster` everywhere, with `stomp:` and `stomp+ssl:` addresses too. */
export async function startMaster<Tasks = unknown>(options: WithTls<StartOptions>): Promise<Master<Tasks>> {
  checkNode()
  return await startPortable<Tasks>(withSockets(options))
}

function withSockets<Options extends MasterOptions>({ tls, ...options }: WithTls<Options>) {
  return { createSocket: nodeSockets(options.url, tls), readText: readKeyText, tracing: findTracing(), ...options }
}

/** As `readJob` everywhere, with this runtime's sockets. */
export function readJob({ tls, ...options }: WithTls<ReadJobOptions>): AsyncGenerator<Reply, void, undefined> {
  checkNode()
  return readPortable({ createSocket: nodeSockets(options.url, tls), ...options })
}
