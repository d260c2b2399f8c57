/** The program of a process that a worker starts. It ends with the worker, however that ends. */
import { extname } from 'node:path'
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import { systemClock } from '../../shared/clock.ts'
import { findTracing } from '../../shared/tracing/node.ts'
import { type ToChild, unwrapped, wrapped } from './messages.ts'
import { survive } from './node-survive.ts'
import { newStopFlag } from './stop-flag.ts'

// A terminal and a supervisor signal all processes of a worker. The worker drains, and then ends this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

const flag = newStopFlag()
const watchdog = new Worker(new URL(`./node-watchdog${extname(import.meta.url)}`, import.meta.url), {
  workerData: flag,
})
watchdog.unref()

const early: ToChild[] = []
let take = (message: ToChild): void => void early.push(message)
const hear = (value: unknown): void => {
  const message = unwrapped<ToChild>(value)
  if (message !== undefined) take(message)
}
// As they are before the code of a task may change them
const send = process.send?.bind(process)
const exit = process.exit.bind(process)
process.on('message', hear)
process.on('disconnect', () => exit())

const { serve } = await import('./serve.ts') // which takes long enough to be signalled, or to lose the worker
take = serve({
  clock: systemClock,
  tracing: findTracing(),
  flag,
  post: message => void send?.(wrapped(message), undefined, undefined, () => {}), // it ends once the worker is gone
  load: async module => (await import(module)) as Record<string, unknown>,
  onUncaughtError: tell => void survive(tell),
  exit: () => exit(),
})
for (const message of early) take(message)
