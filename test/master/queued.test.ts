/** Jobs to one worker, over a real socket. Promises 1, 3, 4 and 5. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { defineTask } from '../../shared/contract/mod.ts'
import { createMaster, JobError, type JobNews, memoryStorage, startMaster, statusOf } from '../../shared/master/node.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { type Ground, scriptWorker, startGround, until } from './scripted-worker.ts'

let ground: Ground
beforeAll(async () => {
  ground = await startGround()
})
afterAll(() => ground[Symbol.asyncDispose]())

const newTask = () => `t${randomUUID().slice(0, 8)}.work`
const error = { name: 'Error', code: 'task_failed', message: 'no luck', retryable: false }

async function readAll<T>(from: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of from) all.push(one)
  return all
}

test('run() gives the output', async () => {
  const task = newTask()
  await using _worker = await scriptWorker({
    url: ground.url,
    task,
    workerId: 'w1',
    onJob: job => void job.reply({ type: 'result', output: { got: job.job.input } }),
  })
  await using master = await startMaster({ url: ground.url })
  expect(await master.run(task, { n: 1 })).toEqual({ got: { n: 1 } })
})

test('run() throws a JobError that says how it ended', async () => {
  const task = newTask()
  await using _worker = await scriptWorker({
    url: ground.url,
    task,
    workerId: 'w1',
    onJob: job =>
      void job.reply(
        job.job.input === 'bad'
          ? { type: 'rejected', issues: [{ path: 'a', message: 'no' }] }
          : { type: 'error', error },
      ),
  })
  await using master = await startMaster({ url: ground.url })
  const failed = await master.run(task, 'x').catch((cause: unknown) => cause)
  expect(failed).toBeInstanceOf(JobError)
  expect(failed).toMatchObject({ code: 'task_failed', task, outcome: { type: 'error', error } })
  await expect(master.run(task, 'bad')).rejects.toThrow(expect.objectContaining({ code: 'rejected' }))
})

test('the output is parsed by the task’s schema, once, and a bad one is an error', async () => {
  const name = newTask()
  const task = defineTask(name, {
    input: z.string(),
    output: z.object({
      at: z.pipe(
        z.number(),
        z.transform(ms => new Date(ms)),
      ),
    }),
  })
  await using _worker = await scriptWorker({
    url: ground.url,
    task: name,
    workerId: 'w1',
    onJob: job => void job.reply({ type: 'result', output: { at: job.job.input === 'good' ? 5 : 'five' } }),
  })
  await using master = await startMaster({ url: ground.url })
  expect((await master.run(task, 'good')).at).toEqual(new Date(5))
  await expect(master.run(task, 'bad')).rejects.toThrow(expect.objectContaining({ code: 'output_invalid' }))
})

test('the job leaves as the contract says', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: ground.url, masterId: 'desk' })
  const before = Date.now()
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const handle = master.dispatch(task, { a: 1 }, { timeoutMs: 5000, priority: 7, traceparent })
  await handle.sent
  const { message, job } = await worker.next()
  expect(job).toMatchObject({
    v: 1,
    request_id: handle.request_id,
    task,
    input: { a: 1 },
    timeout_ms: 5000,
    attempt: 1,
    losses: 0,
  })
  expect(message.headers).toMatchObject({
    'content-type': 'application/json',
    'correlation-id': handle.request_id,
    'reply-to': '/queue/myapp.reply.foo.desk',
    persistent: 'true',
    priority: '7',
    traceparent,
  })
  const expires = Number(message.headers.expires)
  expect(expires).toBeGreaterThan(before + 4000)
  expect(expires).toBeLessThanOrEqual(Date.now() + 5000)
})

test('replies() yields from the first to each reader, and leaving one cancels nothing', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: ground.url })
  const handle = master.dispatch(task, null)
  const delivery = await worker.next()
  await delivery.reply({ type: 'accepted', name: 'anvil' })
  for await (const reply of handle.replies()) {
    expect(reply.type).toBe('accepted')
    break
  }
  await delivery.reply({ type: 'partial', data: 1 })
  await delivery.reply({ type: 'progress', percent: 50 })
  await delivery.reply({ type: 'result', output: 2 })
  const seen: JobNews['type'][] = []
  for await (const reply of handle.replies()) seen.push(reply.type)
  expect(seen).toEqual(['accepted', 'partial', 'progress', 'result'])
  expect(await handle.outcome).toMatchObject({ type: 'result', output: 2, worker_id: 'w1', name: 'anvil' })
  expect(worker.controls.some(control => control.type === 'cancel')).toBe(false)
})

test('readers get what an outcome has overtaken, and the outcome last', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: ground.url })
  const handle = master.dispatch(task, null)
  const reading = readAll(handle.replies())
  const delivery = await worker.next()
  await delivery.reply({ type: 'accepted', seq: 0 })
  await delivery.reply({ type: 'result', output: 1, seq: 3 })
  await handle.outcome
  await delivery.reply({ type: 'partial', data: 'b', seq: 2 })
  await delivery.reply({ type: 'partial', data: 'a', seq: 1 })
  expect((await reading).map(news => news.type)).toEqual(['accepted', 'partial', 'partial', 'result'])
  expect(handle.snapshot.replies).toMatchObject([{ seq: 0 }, { data: 'a' }, { data: 'b' }, { output: 1 }])
  // What never comes is not waited for.
  const gappy = master.dispatch(task, null)
  const all = readAll(gappy.replies())
  await (await worker.next()).reply({ type: 'result', seq: 9 })
  expect((await all).map(news => news.type)).toEqual(['result'])
})

test('cancel() shows cancelling, tells the workers, and ends as the worker says', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: ground.url })
  const handle = master.dispatch(task, null)
  const delivery = await worker.next()
  await delivery.reply({ type: 'accepted' })
  await until(() => statusOf(handle.snapshot) === 'running', 'running')
  handle.cancel('enough')
  expect(statusOf(handle.snapshot)).toBe('cancelling')
  expect(await worker.control('cancel')).toMatchObject({ request_id: handle.request_id, reason: 'enough' })
  await delivery.reply({ type: 'cancelled', reason: 'enough' })
  expect(await handle.outcome).toMatchObject({ type: 'cancelled', reason: 'enough', worker_id: 'w1' })
})

test('a cancel that nobody answers within 2 s is the master’s, and is said again to who accepts later', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: ground.url })
  const abort = new AbortController()
  const handle = master.dispatch(task, null, { signal: abort.signal })
  const delivery = await worker.next()
  abort.abort(new Error('page left'))
  expect(await handle.outcome).toEqual({ type: 'cancelled', reason: 'page left' })
  worker.controls.length = 0
  await delivery.reply({ type: 'accepted' })
  await worker.control('cancel')
})

test('a job that takes too long is timed out and cancelled; what comes then is kept as late', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: ground.url })
  const handle = master.dispatch(task, null, { timeoutMs: 50 })
  expect(await handle.outcome).toEqual({ type: 'timed_out', timeout_ms: 50 })
  await worker.control('cancel')
  const late = master.dispatch(task, null, { timeoutMs: 300 })
  const delivery = await until(() => worker.deliveries.find(one => one.job.request_id === late.request_id), 'the job')
  await late.outcome
  await delivery.reply({ type: 'result', output: 1 })
  await until(() => late.snapshot.late.length === 1, 'the late outcome')
  expect(statusOf(late.snapshot)).toBe('timed_out')
})

test('a queued job that no worker is there for says so until one is', async () => {
  const task = newTask()
  await using master = await startMaster({ url: ground.url })
  const handle = master.dispatch(task, null)
  await until(() => handle.snapshot.unclaimed, 'unclaimed')
  for await (const news of handle.replies()) {
    expect(news).toMatchObject({ type: 'unclaimed', unclaimed: true })
    break
  }
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  await until(() => !handle.snapshot.unclaimed, 'claimed')
  await (await worker.next()).reply({ type: 'result' })
  expect((await handle.outcome).type).toBe('result')
})

test('what JSON cannot carry is refused where it is dispatched', async () => {
  await using master = createMaster({ url: ground.url })
  const loop: { self?: unknown } = {}
  loop.self = loop
  for (const input of [
    undefined,
    () => 1,
    1n,
    Number.NaN,
    [undefined],
    { a: new Map() },
    loop,
    { a: { b: Symbol('s') } },
  ]) {
    expect(() => master.dispatch(newTask(), input)).toThrow(expect.objectContaining({ code: 'input_invalid' }))
  }
  expect(() => master.dispatch('a.>', {})).toThrow(expect.objectContaining({ code: 'task_invalid' }))
  expect(() => master.dispatch('a', {}, { timeoutMs: 0 })).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  expect(() => master.dispatch('a', {}, { requestId: 'x' })).toThrow(
    expect.objectContaining({ code: 'config_invalid' }),
  )
  expect(master.jobs.size).toBe(0)
})

test('strange messages are counted and acknowledged, and the master goes on', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: ground.url, masterId: randomUUID().slice(0, 8) })
  const handle = master.dispatch(task, null)
  const { job, message, reply } = await worker.next()
  const say = (body: string, headers: Record<string, string> = {}) =>
    worker.stomp.publish({ destination: message.headers['reply-to']!, headers, body })
  const base = { request_id: job.request_id }
  await say('{')
  await say(JSON.stringify({ ...base, type: 'result', v: 99 }))
  await say(JSON.stringify({ ...base, type: 'paused' }))
  await say(JSON.stringify({ ...base, type: 'result' }), { 'correlation-id': randomUUID() })
  await say(JSON.stringify({ request_id: randomUUID(), type: 'result' }))
  await reply({ type: 'accepted', seq: 0 })
  await reply({ type: 'accepted', seq: 0 })
  await reply({ type: 'result', output: 1, seq: 1 })
  expect(await handle.outcome).toMatchObject({ type: 'result', output: 1 })
  expect(master.strays).toEqual({ invalid: 2, unknown_type: 1, mismatched: 1, unknown_job: 1, repeated: 1 })
})

test('jobs dispatched before there is a connection leave when there is one', async () => {
  await using proxy = await startFaultProxy(ground.url)
  proxy.refuse()
  const task = newTask()
  await using _worker = await scriptWorker({
    url: ground.url,
    task,
    workerId: 'w1',
    onJob: job => void job.reply({ type: 'result', output: 1 }),
  })
  await using master = createMaster({ url: proxy.through(ground.url), random: () => 0 })
  const handle = master.dispatch(task, null)
  expect(master.outboxSize).toBe(1)
  proxy.admit()
  expect((await handle.outcome).type).toBe('result')
  expect(master.outboxSize).toBe(0)
})

test('a job whose RECEIPT was lost goes out again under the same id, once the replies are read', async () => {
  await using proxy = await startFaultProxy(ground.url)
  const task = newTask()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: proxy.through(ground.url), random: () => 0 })
  proxy.stall('down')
  const handle = master.dispatch(task, null)
  await worker.next()
  proxy.cut()
  proxy.flow()
  const again = await worker.next()
  expect(again.job.request_id).toBe(handle.request_id)
  await again.reply({ type: 'result', output: 2 })
  expect(await handle.outcome).toMatchObject({ type: 'result', output: 2 })
})

test('a job that was accepted while the RECEIPT was lost does not go out again', async () => {
  await using proxy = await startFaultProxy(ground.url)
  const task = newTask()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: proxy.through(ground.url), random: () => 0 })
  proxy.stall('down')
  const handle = master.dispatch(task, null)
  const delivery = await worker.next()
  await delivery.reply({ type: 'accepted' })
  proxy.cut()
  proxy.flow()
  expect(await worker.control('state')).toMatchObject({ request_id: handle.request_id })
  await delivery.reply({ type: 'result', output: 3 })
  expect(await handle.outcome).toMatchObject({ output: 3 })
  expect(worker.deliveries).toEqual([])
})

test('a master that comes back reads its replies before it decides that a job timed out', async () => {
  const task = newTask()
  const storage = memoryStorage()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  const first = await startMaster({ url: ground.url, storage })
  const left = first.dispatch(task, null, { timeoutMs: 400 })
  const lost = first.dispatch(task, null, { timeoutMs: 400 })
  await Promise.all([left.sent, lost.sent])
  const { masterId } = first
  await first[Symbol.asyncDispose]()
  expect((await left.outcome).type).toBe('detached')
  const deliveries = [await worker.next(), await worker.next()]
  await deliveries.find(one => one.job.request_id === left.request_id)?.reply({ type: 'result', output: 4 })
  await until(() => Date.now() > left.snapshot.created_at + 450, 'the timeout to pass')
  await using second = await startMaster({ url: ground.url, storage })
  expect(second.masterId).toBe(masterId)
  const [back, gone] = [second.job(left.request_id)!, second.job(lost.request_id)!]
  if (back.mode !== 'queue' || gone.mode !== 'queue') throw new Error('not a queued job')
  expect(await back.outcome).toMatchObject({ type: 'result', output: 4 })
  expect(await gone.outcome).toEqual({ type: 'timed_out', timeout_ms: 400 })
})

test('while there is no connection, a job that may have left is waited for a while past its timeout, then ends', async () => {
  await using proxy = await startFaultProxy(ground.url)
  const task = newTask()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: proxy.through(ground.url), random: () => 0, awayGraceMs: 100 })
  const handle = master.dispatch(task, null, { timeoutMs: 100 })
  await handle.sent
  await worker.next()
  proxy.refuse()
  proxy.cut()
  const unsent = master.dispatch(task, null, { timeoutMs: 20 })
  expect((await unsent.outcome).type).toBe('timed_out')
  expect((await handle.outcome).type).toBe('timed_out')
  proxy.admit()
  await worker.control('cancel') // as soon as it can be said
})

test('disposing detaches: run() rejects with closed, readers end, nothing is cancelled', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: ground.url, task, workerId: 'w1' })
  const master = await startMaster({ url: ground.url })
  const running = master.run(task, null).catch((cause: unknown) => cause)
  const handle = master.dispatch(task, null)
  const reading = readAll(handle.replies())
  await worker.next()
  await master[Symbol.asyncDispose]()
  await master[Symbol.asyncDispose]()
  expect(await running).toMatchObject({ code: 'closed', outcome: { type: 'detached' } })
  expect(await reading).toEqual([])
  expect(() => master.dispatch(task, null)).toThrow(expect.objectContaining({ code: 'closed' }))
  expect(worker.controls.some(control => control.type === 'cancel')).toBe(false)
})

test('startMaster() says what is wrong: a passcode, a broker that is not there', async () => {
  const bad = ground.url.replace('foo:bar', 'foo:wrong')
  await expect(startMaster({ url: bad })).rejects.toThrow(expect.objectContaining({ code: 'not_authenticated' }))
  await using proxy = await startFaultProxy(ground.url)
  proxy.refuse()
  await expect(startMaster({ url: proxy.through(ground.url), startTimeoutMs: 50 })).rejects.toThrow(
    expect.objectContaining({ code: 'broker_unreachable' }),
  )
  await expect(startMaster({ url: ground.url, signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
})

test('a job that the broker ends the session for is found out, and the others go on', async () => {
  const task = newTask()
  await using _worker = await scriptWorker({
    url: ground.url,
    task,
    workerId: 'w1',
    onJob: job => void job.reply({ type: 'result' }),
  })
  await using master = await startMaster({ url: ground.url, random: () => 0 })
  const big = master.dispatch(task, 'x'.repeat(20_000_000))
  const small = master.dispatch(task, 'x')
  expect(await big.outcome).toMatchObject({ type: 'error', error: { code: 'frame_too_large' } })
  await expect(big.sent).rejects.toThrow('was not sent')
  expect((await small.outcome).type).toBe('result')
})

test('a namespace that this login may not use is said at the start', async () => {
  await expect(startMaster({ url: ground.url, namespace: 'other', random: () => 0 })).rejects.toThrow(
    expect.objectContaining({ code: 'forbidden' }),
  )
})

test('a known job is dispatched again, forgotten, and its handle is the same each time', async () => {
  const task = newTask()
  await using _worker = await scriptWorker({
    url: ground.url,
    task,
    workerId: 'w1',
    onJob: job => void job.reply({ type: 'result', output: job.job.input }),
  })
  await using master = await startMaster({ url: ground.url })
  const changes = new Set<string>()
  const stop = master.onChange(change => changes.add(change.type))
  const handle = master.dispatch(task, [1])
  expect(master.job(handle.request_id)).toBe(handle)
  expect(() => master.forget(handle.request_id)).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  await handle.outcome
  const again = master.again(handle.request_id)
  expect(again.request_id).not.toBe(handle.request_id)
  if (again.mode === 'queue') expect(await again.outcome).toMatchObject({ output: [1] })
  expect(master.counts.result).toBe(2)
  master.forget(handle.request_id)
  expect([master.jobs.size, master.counts.result]).toEqual([1, 1])
  expect(master.job(handle.request_id)).toBeUndefined()
  expect(changes).toContain('job')
  stop()
})

test('ended jobs are kept up to a number, the oldest go', async () => {
  const task = newTask()
  await using _worker = await scriptWorker({
    url: ground.url,
    task,
    workerId: 'w1',
    onJob: job => void job.reply({ type: 'result' }),
  })
  await using master = await startMaster({ url: ground.url, keepEnded: 3 })
  for (let n = 0; n < 5; n++) await master.run(task, n)
  expect([...master.jobs.values()].map(job => job.input)).toEqual([2, 3, 4])
})
