/**
 * A worker with its state on disk and without it, in turns, over the embedded broker: jobs a second from dispatch to outcome, and the
 * CPU time of master and worker for each, which another load on the machine changes least.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { defineTask } from '../shared/contract/mod.ts'
import { startMaster } from '../shared/master/node.ts'
import { startBroker } from '../test/support/brokers/start.ts'
import { implement, startWorker } from '../worker/node.ts'
import { measure } from './measure.ts'
import { median, ms, ratio, table, whole } from './report.ts'

const jobs = Number(process.env.JOBS ?? 4_000)
const rounds = Number(process.env.ROUNDS ?? 7)
const echo = defineTask('bench.echo', { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) })

export async function benchState(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-state-'))
  try {
    const rows = [['output', 'in flight', 'without', 'with state', 'ratio', 'CPU without', 'CPU with']]
    for (const characters of [10, 2_000])
      for (const inFlight of [1, 32]) rows.push(await compare(folder, characters, inFlight))
    table('Jobs a second with and without `state`, and CPU time a job, medians of turns', rows)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function compare(folder: string, characters: number, inFlight: number): Promise<string[]> {
  await using broker = await startBroker('embedded')
  await using without = await startSide(broker.stompUrl, 'myapp.plain')
  await using kept = await startSide(broker.stompUrl, 'myapp.kept', join(folder, `${characters}-${inFlight}.db`))
  const text = 'x'.repeat(characters)
  const count = inFlight === 1 ? jobs / 4 : jobs
  for (const { master } of [without, kept]) await measure(() => master.run(echo, { text }), 8, 500)
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? [without, kept] : [kept, without]) {
      const before = process.cpuUsage()
      const [, jobsASecond] = await measure(() => side.master.run(echo, { text }), inFlight, count)
      const { user, system } = process.cpuUsage(before)
      side.rates.push(jobsASecond)
      side.cpuMs.push((user + system) / 1_000 / count)
    }
  }
  const rates = [without, kept].map(side => median(side.rates)) as [number, number]
  const cpu = [without, kept].map(side => ms(median(side.cpuMs)))
  return [`${characters} characters`, `${inFlight}`, ...rates.map(whole), ratio(rates[1] / rates[0]), ...cpu]
}

async function startSide(url: string, namespace: string, state?: string) {
  const stack = new AsyncDisposableStack()
  const tasks = [implement(echo, async ({ text }) => ({ text }))]
  stack.use(await startWorker({ url, namespace, concurrency: 32, tasks, signals: false, state }))
  const master = stack.use(await startMaster({ url, namespace }))
  return {
    master,
    rates: [] as number[],
    cpuMs: [] as number[],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
