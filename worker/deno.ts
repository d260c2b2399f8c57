/** Workers on Deno: the same package entry, `drover/worker`. */

import { systemClock } from '../shared/clock.ts'
import { connectStomp } from '../shared/stomp/mod.ts'
import { denoSockets } from '../shared/stomp/sockets/deno.ts'
import { findTracing } from '../shared/tracing/node.ts'
import { startDenoChild } from './isolate/deno-command.ts'
import type { Worker, WorkerOptions, WorkerRuntime } from './options.ts'
import { createWorker } from './worker.ts'

export * from './mod.ts'

const signals = ['SIGTERM', 'SIGINT'] as const

/** The ports of a worker on Deno. */
export const denoRuntime: WorkerRuntime = {
  host: Deno.hostname(),
  version: `deno ${Deno.version.deno}`,
  connect: ({ tls, ...options }) => connectStomp({ createSocket: denoSockets(options.url, tls), ...options }),
  clock: systemClock,
  readText: path => Deno.readTextFile(path),
  openState: async file => (await import('./settle/node-state.ts')).openState(file),
  newId: () => crypto.randomUUID(),
  random: Math.random,
  onShutdown(stop) {
    const forget = (): void => {
      for (const signal of signals) Deno.removeSignalListener(signal, onSignal)
    }
    const onSignal = (): void => {
      forget() // the next one ends the process at once, as it would without a worker
      stop()
    }
    for (const signal of signals) Deno.addSignalListener(signal, onSignal)
    return forget
  },
  written: () => new Promise(resolve => setImmediate(resolve)),
  findTracing,
  startChild: startDenoChild,
  onUncaughtError(tell) {
    const onRejection = (event: PromiseRejectionEvent): void => {
      event.preventDefault()
      tell(event.reason)
    }
    const onError = (event: ErrorEvent): void => {
      event.preventDefault()
      tell(event.error)
    }
    globalThis.addEventListener('unhandledrejection', onRejection)
    globalThis.addEventListener('error', onError)
    return () => {
      globalThis.removeEventListener('unhandledrejection', onRejection)
      globalThis.removeEventListener('error', onError)
    }
  },
}

/**
 * Starts a worker: subscribes to the queue and the topic of each task and runs their jobs. SIGTERM and SIGINT drain it.
 * @returns resolves when the broker has confirmed every subscription; waits as long as the broker is away
 * @throws {DroverError} `config_invalid` for options that cannot be used; `not_authenticated`, `forbidden` or the
 * error with which the broker or bridge refuses
 */
export function startWorker(options: WorkerOptions): Promise<Worker> {
  return createWorker(options, denoRuntime)
}
