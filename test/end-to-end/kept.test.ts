/** The embedded broker with a store is killed while jobs wait, run and are retried. Promise 1. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { FakeDisk } from '../../broker/store/testing.ts'
import { startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { startEmbedded } from '../support/brokers/embedded.ts'
import { startBroker } from '../support/brokers/start.ts'
import { until, within } from '../support/until.ts'

const task = defineTask('kept.task', {
  input: z.object({ n: z.int(), ms: z.int(), fails: z.boolean() }),
  output: z.int(),
  attempts: 2,
  retryDelayMs: 200,
})
const late = defineTask('kept.late', { input: z.object({}), output: z.string() })

test('a broker that is killed hands out what it kept: each job ends once, also one that nobody would send again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-kept-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const broker = stack.use(await startBroker('embedded', { env: { DATA: join(folder, 'drover.db') } }))
  const address = { url: broker.stompUrl, namespace: 'myapp.kept' }
  const master = stack.use(await startMaster(address))
  const work = (tasks: Parameters<typeof startWorker>[0]['tasks']) =>
    startWorker({ ...address, name: crypto.randomUUID(), signals: false, concurrency: 4, tasks })
  const runs = new Map<number, number>()
  const doIt = implement(task, async ({ n, ms, fails }, { attempt }) => {
    runs.set(n, (runs.get(n) ?? 0) + 1)
    await wait(ms)
    if (fails && attempt === 1) throw new Error('the first attempt fails')
    return n
  })
  stack.use(await work([doIt]))
  const jobs = Array.from({ length: 60 }, (_, n) => master.dispatch(task, { n, ms: n % 7, fails: n % 10 === 3 }))
  // Its master is gone before the kills, so that nobody but the broker has it
  const orphan = await (async () => {
    await using other = await startMaster(address)
    const job = other.dispatch(late, {})
    await job.sent
    return job.request_id
  })()
  const hasEnded = (): number => jobs.filter(job => job.snapshot.phase.at === 'ended').length
  await until('10 jobs have ended', () => hasEnded() >= 10)
  await broker.restart()
  const outcomes = await within('every job ends', Promise.all(jobs.map(job => job.outcome)), {
    evidence: () => JSON.stringify(jobs.map(job => job.snapshot.phase)) + broker.log(),
  })
  expect(outcomes.map(outcome => (outcome.type === 'result' ? outcome.output : outcome))).toEqual(jobs.map((_, n) => n))
  const told = Promise.withResolvers<string>()
  const tell = implement(late, (_, { request_id }) => {
    told.resolve(request_id)
    return 'done'
  })
  stack.use(await work([tell]))
  expect(await within('the job of the master that went is handed out', told.promise)).toBe(orphan)
  // Only runs that the kill cut off come once more, at most as many as the worker had in hand
  const more = [...runs.values()].reduce((sum, count) => sum + count, 0) - 60 - 6
  expect(more).toBeLessThanOrEqual(8)
})

test('a job and an outcome that the store of the broker refuses are sent again, until it takes them', async () => {
  const disk = new FakeDisk()
  await using broker = await startEmbedded({ store: disk })
  const address = { url: broker.url, namespace: 'myapp.kept' }
  await using master = await startMaster(address)
  const runs: number[] = []
  const cutOff = implement(task, ({ n }) => {
    runs.push(n)
    if (n === 1) disk.failure = new Error('database or disk is full')
    return n
  })
  // Once it has read its replies, jobs leave at once
  await master.dispatch(task, { n: 2, ms: 0, fails: false }).sent
  disk.failure = new Error('disk I/O error')
  const before = disk.writes
  const refused = master.dispatch(task, { n: 0, ms: 0, fails: false })
  await until('its SEND is refused', () => refused.snapshot.phase.at === 'unsent' && disk.writes > before)
  disk.failure = undefined
  await using _ = await startWorker({ ...address, signals: false, tasks: [cutOff] })
  expect(await within('the job ends', refused.outcome)).toMatchObject({ type: 'result', output: 0 })
  const job = master.dispatch(task, { n: 1, ms: 0, fails: false })
  await until('the outcome is refused', () => runs.includes(1))
  const writes = disk.writes
  await until('the store is tried again', () => disk.writes > writes + 1)
  disk.failure = undefined
  expect(await within('it ends once the store takes it', job.outcome)).toMatchObject({ type: 'result', output: 1 })
})
