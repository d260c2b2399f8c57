/**
 * Dispatch to outcome, through master and worker, with 1, 32 and 256 jobs under way: on each broker by TCP, on the embedded one in
 * memory and with a store, and with BullMQ on Redis beside them. Each is measured by a process of its own, by turns.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '../test/support/brokers/start.ts'
import { fair } from './brokers.ts'
import type { JobFigures } from './peers/measure-jobs.ts'
import { bullFolder, prepareBull, startRedis } from './redis.ts'
import { median, microseconds, ms, ratio, table, whole } from './report.ts'

const rounds = Number(process.env.ROUNDS ?? 3)

/** A way to have jobs done. @returns figures, one for each number of jobs in flight */
type System = () => Promise<readonly JobFigures[]>

const systems: Readonly<Record<string, System>> = {
  embedded: () => drover('embedded'),
  'embedded, store': stored,
  classic: () => drover('classic'),
  artemis: () => drover('artemis'),
  rabbitmq: () => drover('rabbitmq'),
  bullmq: async () => {
    await using redis = await startRedis()
    return await peer('bullmq.ts', { FOLDER: bullFolder, PORT: `${redis.port}` })
  },
}
/** Others stand beside it. */
const baseline = 'embedded'
const isWanted = (name: string): boolean =>
  process.env.BROKERS === undefined || process.env.BROKERS.split(',').includes(name.split(',')[0]!)

export async function benchJobs(): Promise<void> {
  const wanted = Object.keys(systems).filter(isWanted)
  const why = wanted.includes('bullmq') ? await prepareBull() : undefined
  if (why !== undefined) console.log(`Without BullMQ: ${why}`)
  const names = wanted.filter(name => why === undefined || name !== 'bullmq')
  const found = new Map<string, (readonly JobFigures[])[]>(names.map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of names) found.get(name)!.push(await systems[name]!())
  }
  const lanes = found.get(names[0] ?? '')?.[0] ?? []
  for (const [at, { inFlight }] of lanes.entries()) {
    const figure = (name: string, what: (figures: JobFigures) => number): number =>
      median(found.get(name)!.map(round => what(round[at]!)))
    const rate = (name: string): number => figure(name, ({ jobsASecond }) => jobsASecond)
    const beside = (name: string, other: string): string =>
      found.has(other) ? ratio(rate(name) / rate(other)) : 'not run'
    const rows = names.map(name => [
      name,
      whole(rate(name)),
      beside(name, baseline),
      beside(name, 'bullmq'),
      ms(figure(name, ({ p50 }) => p50)),
      ms(figure(name, ({ p99 }) => p99)),
      microseconds(figure(name, ({ cpu }) => cpu)),
      found.get(name)![0]![at]!.frames === undefined ? '' : figure(name, ({ frames = 0 }) => frames).toFixed(1),
    ])
    const head = ['', 'jobs/s', `to ${baseline}`, 'to bullmq', 'p50', 'p99', 'CPU a job', 'frames a job']
    table(`Dispatch to outcome, persistent jobs, ${inFlight} in flight, the median of ${rounds} rounds`, [
      head,
      ...rows,
    ])
  }
}

async function drover(name: Parameters<typeof startBroker>[0], env: Record<string, string> = {}): ReturnType<System> {
  await using broker = await startBroker(name, { ...fair, env: { ...fair.env, ...env } })
  return await peer('jobs.ts', { URL: broker.stompUrl })
}

async function stored(): ReturnType<System> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-store-'))
  try {
    return await drover('embedded', { DATA: join(folder, 'drover.db') })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs a script that sends its figures, and ends. */
async function peer(script: string, env: Record<string, string>): ReturnType<System> {
  const child = fork(new URL(`peers/${script}`, import.meta.url), { env: { ...process.env, ...env } })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${script} ended with code ${code} and no figures; its output is above`)
  })
  const [figures] = await Promise.race([once(child, 'message'), ended])
  await ended.catch(() => undefined)
  return figures as readonly JobFigures[]
}
