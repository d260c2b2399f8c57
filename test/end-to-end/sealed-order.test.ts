/** The replies to a sealed job stay whole and in order under load, as connections go, and as master and worker end. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { type JobNews, memoryStorage, startMaster } from '../../shared/master/node.ts'
import { newKey } from '../../shared/seal/mod.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { collect, until, within } from '../support/until.ts'

const namespace = unique('order')
const counts = defineTask('order.counts', { input: z.object({ to: z.number(), size: z.number() }), output: z.number() })
const stack = new AsyncDisposableStack()
let stompUrl: string
let seal: { keys: { keys: Awaited<ReturnType<typeof newKey>>[] } }

beforeAll(async () => {
  stompUrl = (await sharedBroker('embedded')).stompUrl
  seal = { keys: { keys: [await newKey('x25519')] } }
})
afterAll(() => stack.disposeAsync())

const start = (options = {}) =>
  startWorker({
    url: stompUrl,
    namespace,
    signals: false,
    seal,
    concurrency: 16,
    tasks: [
      implement(counts, async ({ to, size }, job) => {
        for (let i = 0; i < to; i++) {
          if (i === 3) job.log('info', 'three')
          job.progress((100 * i) / to)
          await job.partial({ i, fill: 'x'.repeat(size) })
        }
        return to
      }),
    ],
    ...options,
  })
const partialsOf = (news: readonly JobNews[]) =>
  news.flatMap(one => (one.type === 'partial' ? [(one.data as { i: number }).i] : []))
const upTo = (to: number) => Array.from({ length: to }, (_, i) => i)

test('200 jobs of 20 partials, whose master is cut off twice in between, are whole and in order', async () => {
  await using _ = await start()
  await using proxy = await startFaultProxy(stompUrl)
  await using master = await startMaster({ url: proxy.through(stompUrl), namespace, seal })
  const jobs = Array.from({ length: 200 }, () => master.dispatch(counts, { to: 20, size: 10 }, { timeoutMs: 60_000 }))
  const news = jobs.map(job => collect(job.replies()))
  const ended = () => jobs.filter(({ snapshot }) => snapshot.phase.at === 'ended').length
  const uncut = new Set<string>()
  for (const many of [80, 140]) {
    await until(`${many} ended`, () => ended() >= many, {
      timeoutMs: 60_000, // of a busy machine: thousands of replies are sealed and opened
      evidence: () => JSON.stringify(master.discards),
    })
    if (uncut.size === 0) for (const job of jobs) if (job.snapshot.phase.at === 'ended') uncut.add(job.request_id)
    proxy.cut()
  }
  const outcomes = await within('all end', Promise.all(jobs.map(job => job.outcome)), { timeoutMs: 60_000 })
  expect(new Set(outcomes.map(one => (one.type === 'result' ? one.output : JSON.stringify(one))))).toEqual(
    new Set([20]),
  )
  for (const [at, said] of (await Promise.all(news)).entries()) {
    const types = said.map(({ type }) => type)
    expect(types.at(-1)).toBe('result')
    // A broker may still have some in the hands of the session that was cut off, and hand out later ones first
    expect(partialsOf(said).toSorted((a, b) => a - b)).toEqual(upTo(20))
    if (!uncut.has(jobs[at]!.request_id)) continue
    expect(partialsOf(said)).toEqual(upTo(20))
    const log = types.indexOf('log')
    expect(partialsOf(said.slice(0, log))).toEqual(upTo(3))
  }
  expect(master.discards).toMatchObject({ unsealed: 0, invalid: 0, mismatched: 0 })
}, 180_000)

test('a master that ends while replies are being opened leaves the rest to the next; a worker that drains seals what it has', async () => {
  const storage = memoryStorage()
  const options = { url: stompUrl, namespace, seal, masterId: 'one', storage }
  const first = await startMaster(options)
  const worker = await start()
  const jobs = Array.from({ length: 40 }, () => first.dispatch(counts, { to: 20, size: 1_000 }, { timeoutMs: 60_000 }))
  await until('some ended', () => jobs.filter(({ snapshot }) => snapshot.phase.at === 'ended').length > 3)
  await Promise.all([first[Symbol.asyncDispose](), worker.drain()])
  await using _ = await start()
  await using again = await startMaster(options)
  const states = () => jobs.map(({ request_id }) => again.jobs.get(request_id))
  await until('all ended', () => states().every(state => state?.phase.at === 'ended'), {
    evidence: () => JSON.stringify(states().filter(state => state?.phase.at !== 'ended')),
  })
  for (const state of states()) {
    expect(state).toMatchObject({ losses: 0, attempt: 1, phase: { outcome: { type: 'result', output: 20 } } })
  }
  expect(again.discards).toMatchObject({ unsealed: 0, invalid: 0 })
})

test('large partials, more than may be under way at once, come whole and in order', async () => {
  await using _ = await start({ concurrency: 1 })
  await using master = await startMaster({ url: stompUrl, namespace, seal })
  const job = master.dispatch(counts, { to: 60, size: 100_000 }, { timeoutMs: 60_000 })
  const news = collect(job.replies())
  expect(await within('it ends', job.outcome)).toMatchObject({ type: 'result', output: 60 })
  expect(partialsOf(await news)).toEqual(upTo(60))
})
