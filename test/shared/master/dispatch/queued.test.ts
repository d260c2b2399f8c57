/** Jobs to one worker, over a real socket, from being dispatched to being forgotten. Promises 1, 3 and 5. */
import { createMaster, JobError, type JobNews, startMaster, statusOf } from 'drover/master'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { defineTask } from '../../../../shared/contract/mod.ts'
import { setUpEmbedded } from '../../../support/brokers/embedded.ts'
import { answerEach, newTask, scriptWorker } from '../../../support/scripted-worker.ts'
import { collect, until } from '../../../support/until.ts'

const broker = setUpEmbedded()

const error = { name: 'Error', code: 'task_failed', message: 'no luck', retryable: false }

test('run() gives the output', async () => {
  const task = newTask()
  await using _worker = await answerEach(broker.url, task, input => ({ type: 'result', output: { got: input } }))
  await using master = await startMaster({ url: broker.url })
  expect(await master.run(task, { n: 1 })).toEqual({ got: { n: 1 } })
})

test('run() throws a JobError that says how it ended', async () => {
  const task = newTask()
  await using _worker = await answerEach(broker.url, task, input =>
    input === 'bad' ? { type: 'rejected', issues: [{ path: 'a', message: 'no' }] } : { type: 'error', error },
  )
  await using master = await startMaster({ url: broker.url })
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
  await using _worker = await answerEach(broker.url, name, input => ({
    type: 'result',
    output: { at: input === 'good' ? 5 : 'five' },
  }))
  await using master = await startMaster({ url: broker.url })
  expect((await master.run(task, 'good')).at).toEqual(new Date(5))
  await expect(master.run(task, 'bad')).rejects.toThrow(expect.objectContaining({ code: 'output_invalid' }))
})

test('the job leaves as the contract says', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: broker.url, masterId: 'desk' })
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
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: broker.url })
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

test('readers get the replies that an outcome has overtaken, and the outcome last', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: broker.url })
  const handle = master.dispatch(task, null)
  const reading = collect(handle.replies())
  const delivery = await worker.next()
  await delivery.reply({ type: 'accepted', seq: 0 })
  await delivery.reply({ type: 'result', output: 1, seq: 3 })
  await handle.outcome
  await delivery.reply({ type: 'partial', data: 'b', seq: 2 })
  await delivery.reply({ type: 'partial', data: 'a', seq: 1 })
  expect((await reading).map(news => news.type)).toEqual(['accepted', 'partial', 'partial', 'result'])
  expect(handle.snapshot.replies).toMatchObject([{ seq: 0 }, { data: 'a' }, { data: 'b' }, { output: 1 }])
  // A reply that never comes is not waited for.
  const gappy = master.dispatch(task, null)
  const all = collect(gappy.replies())
  await (await worker.next()).reply({ type: 'result', seq: 9 })
  expect((await all).map(news => news.type)).toEqual(['result'])
})

test('cancel() shows cancelling, tells the workers, and ends as the worker says', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: broker.url })
  const handle = master.dispatch(task, null)
  const delivery = await worker.next()
  await delivery.reply({ type: 'accepted' })
  await until('it runs', () => statusOf(handle.snapshot) === 'running')
  handle.cancel('enough')
  expect(statusOf(handle.snapshot)).toBe('cancelling')
  expect(await worker.control('cancel')).toMatchObject({ request_id: handle.request_id, reason: 'enough' })
  await delivery.reply({ type: 'cancelled', reason: 'enough' })
  expect(await handle.outcome).toMatchObject({ type: 'cancelled', reason: 'enough', worker_id: 'w1' })
})

test('a cancel that nobody answers within 2 s is the master’s, and is said again to a worker that accepts later', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: broker.url })
  const abort = new AbortController()
  const handle = master.dispatch(task, null, { signal: abort.signal })
  const delivery = await worker.next()
  abort.abort(new Error('page left'))
  expect(await handle.outcome).toEqual({ type: 'cancelled', reason: 'page left' })
  worker.controls.length = 0
  await delivery.reply({ type: 'accepted' })
  await worker.control('cancel')
})

test('a job that takes too long is timed out and cancelled; a later reply is kept as late', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: broker.url })
  const handle = master.dispatch(task, null, { timeoutMs: 1_500 })
  const delivery = await worker.next()
  expect(await handle.outcome).toEqual({ type: 'timed_out', timeout_ms: 1_500 })
  expect(await worker.control('cancel')).toMatchObject({ request_id: handle.request_id })
  await delivery.reply({ type: 'result', output: 1 })
  await until('the late outcome', () => handle.snapshot.late.length === 1)
  expect(statusOf(handle.snapshot)).toBe('timed_out')
})

test('a queued job that no worker is there for says so until one is', async () => {
  const task = newTask()
  await using master = await startMaster({ url: broker.url })
  const handle = master.dispatch(task, null)
  await until('it is unclaimed', () => handle.snapshot.unclaimed)
  for await (const news of handle.replies()) {
    expect(news).toMatchObject({ type: 'unclaimed', unclaimed: true })
    break
  }
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  await until('it is claimed', () => !handle.snapshot.unclaimed)
  await (await worker.next()).reply({ type: 'result' })
  expect((await handle.outcome).type).toBe('result')
})

test('a value that JSON cannot carry is refused where it is dispatched', async () => {
  await using master = createMaster({ url: broker.url })
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

// A bridge refuses replies without the pass of their job
if (!broker.isBridged) {
  test('strange messages are counted and acknowledged, and the master goes on', async () => {
    const task = newTask()
    await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
    await using master = await startMaster({ url: broker.url, masterId: crypto.randomUUID().slice(0, 8) })
    const handle = master.dispatch(task, null)
    const { job, message, reply } = await worker.next()
    const say = (body: string, headers: Record<string, string> = {}) =>
      worker.stomp.publish({ destination: message.headers['reply-to']!, headers, body })
    const base = { request_id: job.request_id }
    await say('{')
    await say(JSON.stringify({ ...base, type: 'paused' }))
    await say(JSON.stringify({ ...base, type: 'result' }), { 'correlation-id': crypto.randomUUID() })
    await say(JSON.stringify({ request_id: crypto.randomUUID(), type: 'result' }))
    await reply({ type: 'accepted', seq: 0 })
    await reply({ type: 'accepted', seq: 0 })
    await reply({ type: 'result', output: 1, seq: 1 })
    expect(await handle.outcome).toMatchObject({ type: 'result', output: 1 })
    const counted = { invalid: 1, unknown_type: 1, mismatched: 1, unknown_job: 1, repeated: 1 }
    expect(master.discards).toEqual({ ...counted, unsealed: 0 })
  })
}

test('an outcome of a newer version is one all the same: its job ends and says which side to update', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: broker.url })
  const handle = master.dispatch(task, null)
  await (await worker.next()).reply({ type: 'result', output: 'kept', v: 99 })
  const message = expect.stringMatching(/"v" is 99; expected 1, or a newer Drover here.*Its output: kept/)
  expect(await handle.outcome).toMatchObject({ type: 'error', error: { code: 'message_invalid', message } })
})

test('a known job is dispatched again, forgotten, and its handle is the same each time', async () => {
  const task = newTask()
  await using _worker = await answerEach(broker.url, task, output => ({ type: 'result', output }))
  await using master = await startMaster({ url: broker.url })
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
  await using _worker = await answerEach(broker.url, task)
  await using master = await startMaster({ url: broker.url, keepEnded: 3 })
  for (let n = 0; n < 5; n++) await master.run(task, n)
  expect([...master.jobs.values()].map(job => job.input)).toEqual([2, 3, 4])
})
