/** The program of a process that a worker starts. It ends with the worker, however that ends. */
import { extname } from 'node:path'
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import { systemClock } from '../../shared/clock.ts'
import { isMessage, type ToChild } from './messages.ts'
import { survive } from './node-survive.ts'
import { serve } from './serve.ts'
import { newStopFlag } from './stop-flag.ts'

// A terminal and a supervisor signal all processes of a worker. The worker drains, and then ends this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

const flag = newStopFlag()
const watchdog = new Worker(new URL(`./node-watchdog${extname(import.meta.url)}`, import.meta.url), {
  workerData: flag,
})
watchdog.unref()

const take = serve({
  clock: systemClock,
  flag,
  post: message => void process.send?.(message, () => {}), // it ends once the worker is gone
  load: async module => (await import(module)) as Record<string, unknown>,
  onUncaughtError: tell => void survive(tell),
  exit: () => process.exit(),
})
process.on('message', (message: unknown) => isMessage<ToChild>(message) && take(message))
process.on('disconnect', () => process.exit())
