/** Dispatch to outcome, through master and worker, with 1 and with 32 jobs under way, on each broker by TCP. */
import * as z from 'zod'
import { defineTask } from '../shared/contract/mod.ts'
import { startMaster } from '../shared/master/node.ts'
import { connectStomp } from '../shared/stomp/mod.ts'
import { brokerNames, startBroker } from '../test/support/brokers/start.ts'
import { implement, nodeRuntime } from '../worker/node.ts'
import { createWorker } from '../worker/worker.ts'
import { fair } from './brokers.ts'
import { countFrames } from './counted.ts'
import { measure } from './measure.ts'
import { ms, percentile, ratio, table, whole } from './report.ts'

const jobs = Number(process.env.JOBS ?? 600)
const brokers = brokerNames.filter(name => (process.env.BROKERS ?? name).split(',').includes(name))
const echo = defineTask('bench.echo', { input: z.object({ n: z.int() }), output: z.object({ n: z.int() }) })

export async function benchJobs(): Promise<void> {
  const rows = [['', 'in flight', 'jobs/s', 'to embedded', 'p50', 'p99', 'frames a job']]
  const baseline = new Map<number, number>()
  for (const name of brokers) {
    await using broker = await startBroker(name, fair)
    const wire = countFrames()
    await using _worker = await createWorker(
      { url: broker.stompUrl, concurrency: 32, tasks: [implement(echo, async ({ n }) => ({ n }))] },
      { ...nodeRuntime, connect: options => connectStomp({ ...options, createSocket: wire.createSocket }) },
    )
    await using stomp = connectStomp({ url: broker.stompUrl, createSocket: wire.createSocket })
    await using master = await startMaster({ stomp })
    const run = (n: number): Promise<unknown> => master.run(echo, { n })
    await measure(run, 8, 500) // Java and V8 compile code that runs often
    for (const inFlight of [1, 32]) {
      const count = inFlight === 1 ? jobs / 2 : jobs * 4
      wire.frames = 0
      const [times, jobsASecond] = await measure(run, inFlight, count)
      if (!baseline.has(inFlight)) baseline.set(inFlight, jobsASecond)
      rows.push([
        name,
        `${inFlight}`,
        whole(jobsASecond),
        ratio(jobsASecond / baseline.get(inFlight)!),
        ms(percentile(times, 0.5)),
        ms(percentile(times, 0.99)),
        (wire.frames / count).toFixed(1),
      ])
    }
  }
  table('Dispatch to outcome, master and worker in one Node process, persistent jobs', rows)
}
