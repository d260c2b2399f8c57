/** The master on Deno: TCP beside WebSocket. */
import type { Reply } from '../contract/mod.ts'
import { denoSockets } from '../stomp/sockets/deno.ts'
import type { TlsOptions } from '../stomp/sockets/tls-options.ts'
import { findTracing } from '../tracing/node.ts'
import type { Master, StartOptions } from './api.ts'
import { createMaster as createPortable } from './master.ts'
import { type ReadJobOptions, readJob as readPortable } from './one-job/read-job.ts'
import type { MasterOptions } from './options.ts'
import { startMaster as startPortable } from './start.ts'

export * from './mod.ts'
export { fileStorage } from './storage/deno-file.ts'

const readText = (path: string): Promise<string> => Deno.readTextFile(path)

/** Pages have the TLS of their browser. */
type WithTls<Options> = Options & {
  /** TLS beyond that of the runtime, for `stomp+ssl:` and `wss:`: an authority, a certificate of its own, another name. */
  readonly tls?: TlsOptions | undefined
}

/** As `createMaster` everywhere, with `stomp:` and `stomp+ssl:` addresses too. */
export function createMaster<Tasks = unknown>(options: WithTls<MasterOptions>): Master<Tasks> {
  return createPortable<Tasks>(withSockets(options))
}

/** As `startMaster` everywhere, with `stomp:` and `stomp+ssl:` addresses too. */
export function startMaster<Tasks = unknown>(options: WithTls<StartOptions>): Promise<Master<Tasks>> {
  return startPortable<Tasks>(withSockets(options))
}

function withSockets<Options extends MasterOptions>({ tls, ...options }: WithTls<Options>) {
  return { createSocket: denoSockets(options.url, tls), readText, tracing: findTracing(), ...options }
}

/** As `readJob` everywhere, with this runtime's sockets. */
export function readJob({ tls, ...options }: WithTls<ReadJobOptions>): AsyncGenerator<Reply, void, undefined> {
  return readPortable({ createSocket: denoSockets(options.url, tls), ...options })
}
