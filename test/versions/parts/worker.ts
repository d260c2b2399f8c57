/** A worker of a checkout, as a process: `worker.ts CHECKOUT OPTIONS`. It writes `run {request_id}` for each run that begins. */
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { moduleOf } from './checkout.ts'
import { tasksOf } from './tasks.ts'

const [, , folder = '', options = '{}'] = process.argv
const { token, name, ...settings } = JSON.parse(options) as WorkerPart
const { implement, startWorker } = await moduleOf(folder, 'worker/node.ts')
const { defineTask } = await moduleOf(folder, 'shared/contract/mod.ts')
const { steps, flaky, deadly, fragile, large } = tasksOf(defineTask)

export interface WorkerPart {
  url: string
  token?: string | undefined
  namespace: string
  name: string
  concurrency?: number
  presenceIntervalMs?: number
  /** Names of those that it implements. */
  tasks: readonly string[]
}

const tell = (job: { request_id: string }): void => console.log(`run ${job.request_id}`)
const all = [
  implement(steps, async function* ({ ms }, job) {
    tell(job)
    job.progress(50, 'half')
    job.log('info', 'a line')
    yield { part: 1 }
    await delay(ms, undefined, { signal: job.signal })
    return { by: name }
  }),
  implement(flaky, async ({ failures, ms = 0 }, job) => {
    tell(job)
    await delay(ms)
    if (job.attempt <= failures) throw new Error(`attempt ${job.attempt} fails`)
    return { attempt: job.attempt }
  }),
  implement(deadly, (_, job) => {
    tell(job)
    process.kill(process.pid, 'SIGKILL')
  }),
  implement(fragile, (_, job) => {
    tell(job)
    if (job.losses === 0) process.kill(process.pid, 'SIGKILL')
    return { losses: job.losses }
  }),
  implement(large, ({ characters }, job) => {
    tell(job)
    return 'x'.repeat(characters)
  }),
]

await using worker = await startWorker({
  ...settings,
  name,
  ...(token === undefined ? {} : { token: () => token }),
  tasks: all.filter(({ task }) => settings.tasks.includes(task.name)),
})
console.log('ready')
await worker.closed
console.log('closed')
