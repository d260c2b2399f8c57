/** Keys come, go and are away: a sealed job waits for its key, goes on to a worker that has it, and is never sent in the open. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import { type Clock, systemClock } from '../../shared/clock.ts'
import { createMaster, type JobState, memoryStorage, startMaster } from '../../shared/master/node.ts'
import { type JsonWebKeySet, type Jwk, newKey, publicKeys } from '../../shared/seal/mod.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { connectRaw } from '../support/raw-stomp.ts'
import { until, within } from '../support/until.ts'
import { startWiretap, type Wiretap } from '../support/wiretap.ts'

const plain = 'Zm9vYmFy-plain-text'
const echo = defineTask('keys.echo', { input: z.object({ text: z.string() }), attempts: 2, retryDelayMs: 10 })
const input = { text: plain }

let stack: AsyncDisposableStack
let tap: Wiretap
let url: string
let namespace: string
const log: WorkerEvent[] = []

beforeEach(async () => {
  stack = new AsyncDisposableStack()
  const { stompUrl } = await sharedBroker('embedded')
  tap = stack.use(await startWiretap(stompUrl))
  url = tap.through(stompUrl)
  namespace = unique('keys')
  log.length = 0
})
afterEach(async () => {
  await stack.disposeAsync()
  expect(tap.text()).not.toContain(plain)
})

type Options = Partial<Parameters<typeof startWorker>[0]>
const start = async (options: Options, run: Parameters<typeof implement<typeof echo>>[1] = ({ text }) => ({ text })) =>
  stack.use(
    await startWorker({
      url,
      namespace,
      signals: false,
      tasks: [implement(echo, run)],
      onEvent: event => void log.push(event),
      ...options,
    }),
  )
const startOne = async (options: Partial<Parameters<typeof startMaster>[0]>) =>
  stack.use(await startMaster({ url, namespace, ...options }))
const setOf = (...keys: Jwk[]): JsonWebKeySet => ({ keys })
const did = (what: string) => log.filter(one => one.type === 'job' && one.what === what).length

const noticeOf = ({ replies }: JobState) => replies.find(({ type }) => type === 'unsealed')

/** A JWKS by HTTP. */
async function serveKeys(): Promise<{ url: string; set: JsonWebKeySet | undefined; asked: number }> {
  const served = { url: '', set: undefined as JsonWebKeySet | undefined, asked: 0 }
  const server = createServer((_, response) => {
    served.asked++
    response.statusCode = served.set === undefined ? 503 : 200
    response.end(JSON.stringify(served.set))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(async () => {
    server.closeAllConnections()
    server.close()
  })
  served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys.json?token=in-the-url`
  return served
}

/** Time that goes five times as fast. */
const fastClock: Clock = {
  now: () => systemClock.now(),
  steady: () => systemClock.steady() * 5,
  timer: (ms, fire) => systemClock.timer(ms / 5, fire),
}

test('a job waits for the keys of an address that is away, and leaves once they are there; a worker does not start', async () => {
  const key = await newKey('p-256')
  const keys = await serveKeys()
  const starting = start({ seal: { keys: keys.url } })
  await expect(starting).rejects.toMatchObject({
    code: 'keys_unavailable',
    message: expect.stringMatching(/^The keys of http:\S+\/keys\.json cannot be read: it answered 503$/),
  })
  expect(tap.text(), 'it did not even connect').toBe('')
  await start({ seal: { keys: setOf(key) } })
  const master = await startOne({ seal: { keys: keys.url } })
  const job = master.dispatch(echo, input, { timeoutMs: 20_000 })
  const notice = () => noticeOf(job.snapshot)
  await until('it says why it waits', () => notice() !== undefined)
  expect(notice()).toMatchObject({ message: expect.stringMatching(/^Not sealed yet: .* it answered 503$/) })
  expect(master.seal).toMatchObject({ recipients: [], problem: { code: 'keys_unavailable' } })
  keys.set = publicKeys(setOf(key))
  expect(await within('it ends', job.outcome)).toMatchObject({ type: 'result', output: input })
  expect([master.seal?.recipients, master.seal?.problem]).toEqual([[key.kid], undefined])
})

test('a worker hears of a key while a job goes round for it, and runs it: no attempt and no loss', async () => {
  const [old, young] = [await newKey('x25519'), await newKey('x25519')]
  const keys = await serveKeys()
  keys.set = setOf(old)
  await start({ seal: { keys: keys.url }, clock: fastClock })
  const master = await startOne({ seal: { keys: publicKeys(setOf(young)) } })
  const job = master.dispatch(echo, input, { timeoutMs: 20_000 })
  await until('it went round', () => did('cannot_open') > 1)
  keys.set = setOf(old, young)
  expect(await within('it ends', job.outcome)).toMatchObject({ type: 'result', attempt: 1, output: input })
  expect(job.snapshot).toMatchObject({ losses: 0, attempt: 1 })
})

test('keys change while a job waits for its next attempt', async () => {
  const [old, young] = [await newKey('x25519'), await newKey('shared')]
  let set = setOf(old)
  const runs: number[] = []
  await start({ seal: { keys: () => set } }, async ({ text }, { attempt }) => {
    runs.push(attempt)
    const now = Math.floor(Date.now() / 1000)
    set = setOf({ ...old, exp: now - 1 }, young)
    if (attempt === 1) throw new Error(text)
    return { text }
  })
  const master = await startOne({ seal: { keys: publicKeys(setOf(old)) } })
  expect(await master.dispatch(echo, input).outcome).toMatchObject({ type: 'result', attempt: 2, output: input })
  const next = await startOne({ seal: { keys: () => set } })
  expect(next.seal).toBeDefined()
  await until('it reads the keys', () => next.seal?.recipients.length === 1)
  expect(next.seal?.recipients).toEqual([young.kid])
})

test('a worker without a seal passes a job on as it came, also as it drains; with nobody else it times out', async () => {
  const key = await newKey('x25519')
  const without = await start({})
  await using raw = await connectRaw(url)
  const master = await startOne({ seal: { keys: publicKeys(setOf(key)) } })
  const late = master.dispatch(echo, input, { timeoutMs: 500 })
  expect(await within('it ends', late.outcome)).toMatchObject({ type: 'timed_out' })
  const job = master.dispatch(echo, input, { timeoutMs: 20_000 })
  await until('it went round', () => did('cannot_open') > 3)
  await raw.subscribe(`/queue/${namespace}.tasks.${echo.name}`, { ack: 'client-individual' })
  await without.drain()
  const { body } = await raw.next(({ command, body }) => command === 'MESSAGE' && body.includes(job.request_id))
  const sent = tap
    .text()
    .split('\0')
    .find(frame => frame.includes('\n\n{') && frame.includes(`"request_id":"${job.request_id}"`))!
  expect(body).toBe(sent.slice(sent.indexOf('\n\n') + 2))
  await raw[Symbol.asyncDispose]()
  await start({})
  await start({ seal: { keys: setOf(key) } })
  expect(await within('it ends', job.outcome)).toMatchObject({ type: 'result', attempt: 1, output: input })
})

test('a master without a seal shows stored jobs and how they ended, and sends none in the open', async () => {
  const key = await newKey('x25519')
  const storage = memoryStorage()
  const first = await startMaster({ url, namespace, masterId: 'one', seal: { keys: setOf(key) }, storage })
  const jobs = [first.dispatch(echo, input), first.dispatch(echo, input)]
  await until('they left', () => jobs.every(({ snapshot }) => snapshot.phase.at !== 'unsent'))
  await first[Symbol.asyncDispose]()
  const keys = () => Promise.reject(new Error('they are away'))
  const closed = startMaster({ url, namespace, seal: { keys }, storage, startTimeoutMs: 500 })
  await expect(closed, 'jobs wait for their key').rejects.toMatchObject({ code: 'keys_unavailable' })
  // Never sent: its broker was away
  const away = 'stomp://127.0.0.1:9'
  const unsent = createMaster({ url: away, namespace, masterId: 'one', seal: { keys: setOf(key) }, storage })
  const waits = unsent.dispatch(echo, input)
  await unsent[Symbol.asyncDispose]()

  const blind = await startOne({ masterId: 'one', storage })
  await start({ seal: { keys: setOf(key) } })
  await until('they ended', () => jobs.every(({ request_id }) => blind.jobs.get(request_id)?.phase.at === 'ended'))
  for (const { request_id } of jobs) {
    const state = blind.jobs.get(request_id)!
    expect(state).toMatchObject({ input: null, phase: { outcome: { type: 'result', sealed: true } } })
  }
  const open = blind.dispatch(echo, { text: 'open' })
  expect(await within('it goes on', open.outcome)).toMatchObject({ output: { text: 'open' } })
  expect(blind.jobs.get(waits.request_id)).toMatchObject({
    input: null,
    phase: { outcome: { error: { code: 'input_invalid', message: expect.stringContaining('stored sealed') } } },
  })
  await blind[Symbol.asyncDispose]()

  const again = await startOne({ masterId: 'one', seal: { keys: setOf(key) }, storage })
  expect(again.jobs.get(jobs[0]!.request_id)).toMatchObject({ input, phase: { at: 'ended' } })
})

test('a worker without keys says so in its log, and its name in a broadcast', async () => {
  const key = await newKey('x25519')
  await start({ name: 'plum' })
  const master = await startOne({ seal: { keys: publicKeys(setOf(key)) } })
  const { outcomes } = await master.broadcast(echo, input, { timeoutMs: 20_000 }).done
  const message = 'plum has none of the keys that the job is sealed for'
  expect(outcomes).toEqual([expect.objectContaining({ error: expect.objectContaining({ message }) })])
  const reason = `it is sealed for ${key.kid}, and this worker was started without keys`
  expect(log).toContainEqual(expect.objectContaining({ what: 'cannot_open', reason }))
})
