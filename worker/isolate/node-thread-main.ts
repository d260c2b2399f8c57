/** The program of a thread that a worker starts. */
import process from 'node:process'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../shared/clock.ts'
import { isMessage, type ToChild } from './messages.ts'
import { survive } from './node-survive.ts'
import { serve } from './serve.ts'

const take = serve({
  clock: systemClock,
  flag: workerData as Int32Array<SharedArrayBuffer>,
  post: message => parentPort!.postMessage(message),
  load: async module => (await import(module)) as Record<string, unknown>,
  onUncaughtError: tell => void survive(tell),
  exit: () => process.exit(),
})
parentPort!.on('message', (message: unknown) => isMessage<ToChild>(message) && take(message))
