/**
 * A worker process that opens sealed jobs, for Node and for Deno alike: `sealed-worker.ts OPTIONS`. Its task says the text of its
 * input by every way that there is. It writes `ready`, and `event {JSON}` for all that a worker tells its program, stacks and
 * causes included.
 */
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { implement, startWorker } from 'drover/worker'
import { type SealedWorkerSettings, telling } from './sealed-task.ts'

const { keys, ...settings } = JSON.parse(process.argv[2] ?? '{}') as SealedWorkerSettings

const whole = (_: string, value: unknown): unknown =>
  value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value

await using worker = await startWorker({
  ...settings,
  concurrency: 4,
  seal: { keys },
  onEvent: event => console.log(`event ${JSON.stringify(event, whole)}`),
  tasks: [
    implement(telling, async ({ text, how }, job) => {
      job.progress(50, text, { text })
      job.log('info', text, [text])
      await job.partial({ text })
      const circular = { text, circular: {} }
      circular.circular = circular
      job.progress(60, text, circular)
      job.log('warn', text, {
        toJSON: () => {
          throw new Error(text)
        },
      })
      if (how === 'throws') throw Object.assign(new Error(text), { code: text, cause: text })
      if (how === 'dies' && job.losses === 0) {
        await delay(100)
        process.kill(process.pid, 'SIGKILL')
        await delay(60_000)
      }
      if (how === 'discards') {
        void Promise.reject(new Error(text))
        setTimeout(() => {
          throw new Error(text)
        })
        await delay(50)
      }
      if (how === 'loops') await job.partial(circular)
      return how === 'returns no text' ? { text: 1 as never, why: text } : { text, why: '' }
    }),
  ],
})
console.log('ready')
await worker.closed
