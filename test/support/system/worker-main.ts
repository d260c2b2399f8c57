/**
 * The worker process of the job suite, for Node and for Deno alike: `worker-main.ts OPTIONS`, OPTIONS a `WorkerSettings` in
 * JSON. It writes `ready` once it takes jobs, and `run {task} {request_id} {attempt}` at the start of every run
 * and `end {request_id}` when a gated one has passed its gate. When asked to, it writes `event {JSON}` for the events of
 * jobs and for problems.
 */
import { existsSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { implement, startWorker } from 'drover/worker'
import { connectionOf } from './access.ts'
import * as tasks from './tasks.ts'
import type { WorkerSettings } from './worker-process.ts'

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings
const { name: by } = settings

const implementations = [
  implement(tasks.echo, (input, job) => {
    tell(job)
    return { text: input.text, by }
  }),
  implement(tasks.steps, async function* (input, job) {
    tell(job)
    for (let step = 1; step <= input.count; step++) {
      job.progress((100 * step) / input.count, `step ${step}`)
      job.log('info', `log ${step}`)
      yield { step }
    }
    return { steps: input.count }
  }),
  implement(tasks.gated, async (input, job) => {
    tell(job)
    job.progress(1, 'waiting at the gate')
    while (!existsSync(input.gate)) await delay(20, undefined, { signal: job.signal })
    console.log(`end ${job.request_id}`)
    return { by }
  }),
  implement(tasks.flaky, (input, job) => {
    tell(job)
    if (job.attempt <= input.failures) throw new Error(`attempt ${job.attempt} fails`)
    return { attempt: job.attempt }
  }),
  implement(tasks.strict, (_, job) => tell(job)),
  implement(tasks.deadly, (_, job) => {
    tell(job)
    process.kill(process.pid, 'SIGKILL')
  }),
  implement(tasks.mixed, async (input, job) => {
    tell(job)
    await delay(input.ms, undefined, { signal: job.signal })
    if (input.deadly) process.kill(process.pid, 'SIGKILL')
  }),
  implement(tasks.large, (input, job) => {
    tell(job)
    return { text: 'x'.repeat(input.bytes) }
  }),
]

await using worker = await startWorker({
  ...connectionOf(settings),
  name: by,
  presenceIntervalMs: 500,
  concurrency: settings.concurrency ?? 1,
  onEvent: event => {
    if (settings.tellsEvents && event.type !== 'connection') console.log(`event ${JSON.stringify(event)}`)
  },
  tasks: implementations.filter(
    ({ task }) => settings.tasks?.includes(task.name) ?? (task !== tasks.deadly && task !== tasks.mixed),
  ),
})
console.log('ready')
await worker.closed
console.log('closed')

function tell(job: { task: string; request_id: string; attempt: number }): void {
  console.log(`run ${job.task} ${job.request_id} ${job.attempt}`)
}
