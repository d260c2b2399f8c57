/** The program of a thread that a worker starts. */
import process from 'node:process'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../shared/clock.ts'
import { findTracing } from '../../shared/tracing/node.ts'
import { type ToChild, unwrapped, wrapped } from './messages.ts'
import { survive } from './node-survive.ts'
import { serve } from './serve.ts'

// As they are before the code of a task may change them
const port = parentPort!
const post = port.postMessage.bind(port)
const exit = process.exit.bind(process)
const take = serve({
  clock: systemClock,
  tracing: findTracing(),
  flag: workerData as Int32Array<SharedArrayBuffer>,
  post: message => post(wrapped(message)),
  load: async module => (await import(module)) as Record<string, unknown>,
  onUncaughtError: tell => void survive(tell),
  exit: () => exit(),
})
port.on('message', (value: unknown) => {
  const message = unwrapped<ToChild>(value)
  if (message !== undefined) take(message)
})
port.on('close', () => exit()) // by the code of a task: nothing that this thread says arrives any more
