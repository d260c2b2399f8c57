/** Dispatch to outcome, through master and worker, with 1 and with 32 jobs under way, on each broker by TCP. */
import * as z from 'zod'
import { defineTask } from '../shared/contract/mod.ts'
import { startMaster } from '../shared/master/node.ts'
import { brokerNames, startBroker } from '../test/brokers/start.ts'
import { implement, startWorker } from '../worker/node.ts'
import { ms, percentile, ratio, table, whole } from './report.ts'

const jobs = Number(process.env.JOBS ?? 600)
const echo = defineTask('bench.echo', { input: z.object({ n: z.int() }), output: z.object({ n: z.int() }) })

/** @returns each job's time in ms, sorted, and jobs a second */
async function measure(
  run: (n: number) => Promise<unknown>,
  inFlight: number,
  count: number,
): Promise<[number[], number]> {
  const took: number[] = []
  let next = 0
  const start = performance.now()
  const lane = async (): Promise<void> => {
    while (next < count) {
      const began = performance.now()
      await run(next++)
      took.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return [took.sort((a, b) => a - b), (count * 1000) / (performance.now() - start)]
}

export async function benchJobs(): Promise<void> {
  const rows = [['', 'in flight', 'jobs/s', 'to embedded', 'p50', 'p99']]
  const baseline = new Map<number, number>()
  for (const name of brokerNames) {
    await using broker = await startBroker(name)
    await using _worker = await startWorker({
      url: broker.stompUrl,
      concurrency: 32,
      tasks: [implement(echo, async ({ n }) => ({ n }))],
    })
    await using master = await startMaster({ url: broker.stompUrl })
    const run = (n: number): Promise<unknown> => master.run(echo, { n })
    await measure(run, 8, 100)
    for (const inFlight of [1, 32]) {
      const [times, jobsASecond] = await measure(run, inFlight, inFlight === 1 ? jobs / 2 : jobs * 4)
      if (!baseline.has(inFlight)) baseline.set(inFlight, jobsASecond)
      rows.push([
        name,
        `${inFlight}`,
        whole(jobsASecond),
        ratio(jobsASecond / baseline.get(inFlight)!),
        ms(percentile(times, 0.5)),
        ms(percentile(times, 0.99)),
      ])
    }
  }
  table('Dispatch to outcome, master and worker in one Node process, persistent jobs', rows)
}
