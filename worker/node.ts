/** Workers on Node: package entry `drover/worker`. */
import { hostname } from 'node:os'
import process from 'node:process'
import { systemClock } from '../shared/clock.ts'
import { checkNode } from '../shared/node-version.ts'
import { readKeyText } from '../shared/seal/node-text.ts'
import { connectStomp } from '../shared/stomp/mod.ts'
import { nodeSockets } from '../shared/stomp/sockets/node.ts'
import { findTracing } from '../shared/tracing/node.ts'
import { nodeCommand, startChildBy } from './isolate/node-child.ts'
import { survive } from './isolate/node-survive.ts'
import type { Worker, WorkerOptions, WorkerRuntime } from './options.ts'
import { createWorker } from './worker.ts'

export * from './mod.ts'

const signals = ['SIGTERM', 'SIGINT'] as const

/** The ports of a worker on Node. */
export const nodeRuntime: WorkerRuntime = {
  host: hostname(),
  version: `node ${process.versions.node}`,
  connect: ({ tls, ...options }) => connectStomp({ createSocket: nodeSockets(options.url, tls), ...options }),
  clock: systemClock,
  readText: readKeyText,
  openState: async file => (await import('./settle/node-state.ts')).openState(file),
  newId: () => crypto.randomUUID(),
  random: Math.random,
  onShutdown(stop) {
    const forget = (): void => {
      for (const signal of signals) process.off(signal, onSignal)
    }
    const onSignal = (): void => {
      forget() // the next one ends the process at once, as it would without a worker
      stop()
    }
    for (const signal of signals) process.on(signal, onSignal)
    return forget
  },
  written: () => new Promise(resolve => setImmediate(resolve)),
  findTracing,
  onUncaughtError: survive,
  startChild: startChildBy(nodeCommand),
}

/**
 * Starts a worker: subscribes to the queue and the topic of each task and runs their jobs. SIGTERM and SIGINT drain it.
 * @returns resolves when the broker has confirmed every subscription; waits as long as the broker is away
 * @throws {DroverError} `config_invalid` for options that cannot be used; `not_authenticated`, `forbidden` or the
 * error with which the broker or bridge refuses
 * @example
 * ```ts ignore
 * await using worker = await startWorker({ url: 'stomp://foo:bar@localhost:61613', tasks: [implement(add, run)] })
 * await worker.closed
 * ```
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  checkNode()
  return await createWorker(options, nodeRuntime)
}
