/** Jobs that the first recorded version stored in a file, by Node and by Deno, in the hands of a master of today. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JobStorage } from '../../shared/master/mod.ts'
import { fileStorage, startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import database from './first/indexeddb.json' with { type: 'json' }
import { tasksOf } from './parts/tasks.ts'

const files = ['node.jobs', 'deno.jobs']
/** The same jobs, as the browser's database had them. */
const jobsThen = database.stores
  .find(({ name }) => name === 'jobs')!
  .values.map(value => (value as { job: unknown }).job)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-stored-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function stored(file: string): Promise<JobStorage> {
  const path = join(folder, `${crypto.randomUUID()}.log`)
  await copyFile(fileURLToPath(new URL(`first/${file}`, import.meta.url)), path)
  return fileStorage(path)
}

test.for(files)('%s is read whole', async file => {
  const storage = await stored(file)
  const found = await storage.load()
  expect(found).toMatchObject({ master_id: 'm' })
  expect(found.unread).toBeUndefined()
  expect(found.jobs).toHaveLength(jobsThen.length)
  expect(found.jobs).toEqual(expect.arrayContaining(jobsThen))
  await storage.close()
})

test('a master goes on with them', async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const namespace = unique('stored')
  const { steps, flaky } = tasksOf(defineTask)
  await using _worker = await startWorker({
    url,
    namespace,
    signals: false,
    tasks: [implement(steps, () => ({ by: 'one' })), implement(flaky, (_, { attempt }) => ({ attempt }))],
  })
  const storage = await stored('node.jobs')
  const now = Date.now()
  await using master = await startMaster({
    url,
    namespace,
    storage: {
      ...storage,
      // They were to end long ago
      load: async () => {
        const { jobs, ...rest } = await storage.load()
        return { ...rest, jobs: jobs.map(job => ({ ...job, created_at: now })) }
      },
    },
  })
  const byPhase = (at: string) => {
    // In a database they are in the order of their ids, and a broadcast is among them
    const then = (jobsThen as { request_id: string; mode: string; phase: { at: string } }[]).find(
      job => job.mode === 'queue' && job.phase.at === at,
    )
    const job = then && master.job(then.request_id)
    if (job?.mode !== 'queue') throw new Error(`No queued job was ${at}`)
    return job
  }
  expect(master.masterId).toBe('m')
  for (const then of jobsThen as { request_id: string; phase: { at: string } }[]) {
    if (then.phase.at === 'ended') expect(master.jobs.get(then.request_id)).toEqual({ ...then, created_at: now })
  }
  expect(await byPhase('unsent').outcome).toMatchObject({ type: 'result', output: { by: 'one' } })
  expect(await byPhase('retrying').outcome).toMatchObject({ type: 'result', output: { attempt: 2 } })
  expect(await byPhase('cancelling').outcome).toMatchObject({ type: 'cancelled', reason: 'no longer needed' })
  await expect.poll(() => byPhase('sent').snapshot).toMatchObject({ task: 'old.nobodys', unclaimed: true })
  await expect.poll(() => byPhase('running').snapshot.phase.at).toBe('running')
})
