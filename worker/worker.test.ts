import { expect, expectTypeOf, test, vi } from 'vitest'
import * as z from 'zod'
import { systemClock } from '../shared/clock.ts'
import { DroverError, defineTask } from '../shared/contract/mod.ts'
import { newKey, publicKeys } from '../shared/seal/mod.ts'
import { artemis, embedded } from '../shared/stomp/mod.ts'
import { implement } from './implement.ts'
import type { WorkerOptions } from './options.ts'
import { fakeRuntime, fakeStomp } from './testing.ts'
import { createWorker } from './worker.ts'

const add = implement(defineTask('a', { input: z.object({ n: z.number() }), output: z.number() }), ({ n }) => n)
const start = (options: Partial<WorkerOptions>, on = fakeRuntime()) =>
  createWorker({ url: 'stomp://localhost', tasks: [add], ...options }, on)

test.for([
  ['a task twice', { tasks: [add, add] }, '"a" is implemented twice'],
  ['no task', { tasks: [] }, 'at least one'],
  ['no concurrency', { concurrency: 0 }, 'concurrency is 0'],
  ['half a slot', { concurrency: 1.5 }, 'concurrency is 1.5'],
  ['beats without an interval', { presenceIntervalMs: 0 }, 'presenceIntervalMs is 0'],
] as const)('createWorker() refuses %s', async ([, options, found]) => {
  await expect(start(options as Partial<WorkerOptions>)).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining(found),
  })
})

test('createWorker() refuses keys that open nothing, before it connects', async () => {
  const keys = publicKeys({ keys: [await newKey('x25519')] })
  const connect = vi.fn(() => fakeStomp())
  const runtime = { ...fakeRuntime(), connect }
  await expect(start({ seal: { keys } }, runtime)).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('None of the keys of this worker opens a job'),
  })
  expect(connect).not.toHaveBeenCalled()
})

test('a job of the queue that comes by the topic of its name goes back there: told once, and the topic is left', async () => {
  const stomp = fakeStomp()
  const { state } = stomp
  const session = { ...(await stomp.opened()), dialect: artemis }
  if (state.at === 'open') stomp.become({ at: 'open', session })
  stomp.opened = async () => session
  const acked: string[] = []
  const problems: string[] = []
  const ran: string[] = []
  const task = implement(defineTask('a', { input: z.string() }), input => void ran.push(input))
  const onEvent: WorkerOptions['onEvent'] = event => event.type === 'problem' && problems.push(event.message)
  await using worker = await start({ tasks: [task], onEvent }, fakeRuntime(stomp))
  const deliver = (by: string, destination: string, input: string): void => {
    const request_id = crypto.randomUUID()
    const body = JSON.stringify({ v: 1, request_id, task: 'a', input, attempt: 1, losses: 0 })
    const headers = { 'correlation-id': request_id, 'reply-to': '/queue/myapp.reply' }
    stomp.readers.get(by)!({ headers, body, destination, ack: () => void acked.push(input) })
  }
  deliver('/topic/myapp.tasks.a', '/topic/myapp.tasks.a', 'broadcast')
  await expect.poll(() => ran).toEqual(['broadcast'])
  deliver('/topic/myapp.tasks.a', '/queue/myapp.tasks.a', 'mixed up')
  deliver('/topic/myapp.tasks.a', '/queue/myapp.tasks.a', 'again')
  expect(stomp.left).toEqual(['/topic/myapp.tasks.a'])
  deliver('/queue/myapp.tasks.a', '/queue/myapp.tasks.a', 'job')
  await expect.poll(() => ran).toEqual(['broadcast', 'job'])
  expect(acked).not.toContain('mixed up')
  expect(acked).not.toContain('again')
  expect(worker.stats.dropped).toBe(0)
  expect(problems).toEqual([expect.stringMatching(/Take out anycastPrefix and multicastPrefix of the acceptor/)])
})

test('a job whose time ends while it is taken is answered once, and not run', async () => {
  const stomp = fakeStomp()
  let looks = 0
  // The clock passes the deadline between the look that decides and the one that sets the timer.
  const steady = () => (looks > 0 && --looks === 0 ? 60_001 : 0)
  await using _worker = await start({ clock: { ...systemClock, steady } }, fakeRuntime(stomp))
  stomp.sent.length = 0
  looks = 2
  const request_id = crypto.randomUUID()
  stomp.readers.get('/queue/myapp.tasks.a')?.({
    headers: { timestamp: '5000000', expires: '5060000' },
    body: JSON.stringify({ v: 1, request_id, task: 'a', input: { n: 1 } }),
    destination: '/queue/myapp.tasks.a',
    ack() {},
  })
  await new Promise(resolve => setTimeout(resolve, 20))
  const types = stomp.sent
    .filter(({ destination }) => destination === '/queue/myapp.reply')
    .map(({ body }) => (JSON.parse(body) as { type: string }).type)
  expect(types).toEqual(['cancelled'])
})

test('a message that nobody can be answered about goes to dead from a queue, once; a broadcast is dropped', async () => {
  const stomp = fakeStomp()
  await using worker = await start({}, fakeRuntime(stomp))
  stomp.sent.length = 0
  for (const destination of ['/queue/myapp.tasks.a', '/topic/myapp.tasks.a'])
    stomp.readers.get(destination)!({ headers: {}, body: '{', destination, ack() {} })
  await expect.poll(() => stomp.sent.map(({ destination }) => destination)).toContain('/queue/myapp.dead')
  await worker.drain()
  expect(stomp.sent.filter(({ destination }) => /dead|reply/.test(destination))).toHaveLength(1)
  expect(worker.stats).toMatchObject({ processed: 0, dropped: 1 })
})

test('a broadcast whose next attempt is a month off is not tried again at once', async () => {
  const stomp = fakeStomp()
  const month = 30 * 86_400_000
  const runs: number[] = []
  const definition = defineTask('a', { input: z.number(), attempts: 2, retryDelayMs: month, timeoutMs: 2 * month })
  const task = implement(definition, (_, { attempt }) => {
    runs.push(attempt)
    throw new Error('no')
  })
  const told: string[] = []
  const onEvent: WorkerOptions['onEvent'] = event => event.type === 'job' && told.push(event.what)
  await using _worker = await start({ tasks: [task], onEvent }, fakeRuntime(stomp))
  const body = JSON.stringify({ request_id: crypto.randomUUID(), task: 'a', input: 7 })
  stomp.readers.get('/topic/myapp.tasks.a')?.({ headers: {}, body, destination: '/topic/myapp.tasks.a', ack() {} })
  await expect.poll(() => told).toContain('retrying')
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(runs).toEqual([1])
})

test('the code of a task starts once `accepted` has been written', async () => {
  const stomp = fakeStomp()
  const written = Promise.withResolvers<void>()
  const runs: number[] = []
  const task = implement(defineTask('a', { input: z.number() }), n => void runs.push(n))
  await using _worker = await start({ tasks: [task] }, { ...fakeRuntime(stomp), written: () => written.promise })
  const body = JSON.stringify({ request_id: crypto.randomUUID(), task: 'a', input: 7 })
  stomp.readers.get('/queue/myapp.tasks.a')?.({ headers: {}, body, destination: '/queue/myapp.tasks.a', ack() {} })
  await new Promise(resolve => setTimeout(resolve, 20))
  expect([stomp.sent.filter(one => one.body.includes('"type":"accepted"')).length > 0, runs]).toEqual([true, []])
  written.resolve()
  await expect.poll(() => runs).toEqual([7])
})

test('a worker that stood still says so, in its log and in the news of its job, and blames nobody else', async () => {
  const stomp = fakeStomp()
  let now = 0
  const told: unknown[] = []
  const task = implement(defineTask('a', { input: z.number() }), () => {
    now += 100_000
    stomp.fates.push(new DroverError('connection_lost', 'gone'))
    return 'blocked'
  })
  const clock = { ...systemClock, steady: () => now }
  const onEvent: WorkerOptions['onEvent'] = event => {
    if (event.type === 'problem') told.push(event.message)
    if (event.type === 'connection' && event.state.at === 'waiting') told.push((event.state.reason as Error).message)
  }
  await using worker = await start({ tasks: [task], clock, onEvent }, fakeRuntime(stomp))
  const body = JSON.stringify({ request_id: crypto.randomUUID(), task: 'a', input: 7 })
  stomp.readers.get('/queue/myapp.tasks.a')?.({ headers: {}, body, destination: '/queue/myapp.tasks.a', ack() {} })
  await expect.poll(() => worker.stats.processed).toBe(1)
  stomp.become({ at: 'waiting', retryAt: 0, reason: new DroverError('connection_lost', 'it sent nothing') })
  const said = expect.stringMatching(/^This worker stood still for 100 s/)
  expect(told).toEqual([said, said])
  const news = stomp.sent.flatMap(({ destination, body }) =>
    destination === '/queue/myapp.reply' ? [JSON.parse(body) as { type: string; message?: string }] : [],
  )
  // Its connection is gone as it goes on: the line is sent once more.
  const types = news.map(({ type }) => type)
  expect(types.sort()).toEqual(['accepted', 'log', 'result'])
  expect(news.find(({ type }) => type === 'log')).toMatchObject({ level: 'warn', message: said })
})

test('an error that onEvent throws ends nothing', async () => {
  await using worker = await start({
    onEvent: () => {
      throw new Error('log full')
    },
  })
  await worker.drain()
})

test('implement() types the input as parsed and the output as sent, and takes functions alone', () => {
  const task = defineTask('a', {
    input: z.object({ n: z.string().transform(Number) }),
    output: z.string().transform(Number),
  })
  implement(task, ({ n }, job) => {
    expectTypeOf(n).toEqualTypeOf<number>()
    expectTypeOf(job.attempt).toEqualTypeOf<number>()
    return String(n)
  })
  implement(task, async function* ({ n }) {
    yield { any: 'partial' }
    return String(n)
  })
  // @ts-expect-error the output's input side is a string
  implement(task, async () => 7)
  expect(() => implement(task, 'no' as never)).toThrow(/expected a function/)
})

test('a broadcast by the control topic is for those whom it names, where its sender had the right to broadcast', async () => {
  const stomp = fakeStomp()
  const ran: string[] = []
  const task = implement(defineTask('a', { input: z.string() }), input => void ran.push(input))
  await using worker = await start({ tasks: [task] }, fakeRuntime(stomp))
  const other = crypto.randomUUID()
  const request_id = crypto.randomUUID()
  const say = (input: string, headers: Record<string, string>, ids = [other, worker.worker_id]): void => {
    const body = JSON.stringify({ type: 'job', worker_ids: ids, v: 1, request_id, task: 'a', input })
    const destination = '/topic/myapp.control.a'
    stomp.readers.get(destination)!({
      headers: { 'correlation-id': request_id, ...headers },
      body,
      destination,
      ack() {},
    })
  }
  const replyTo = { 'reply-to': '/queue/myapp.reply' }
  say('for another', replyTo, [other])
  say('without reply-to', {})
  say('by a bridge that has not looked', { ...replyTo, 'drover-sender': 'ada' })
  expect(worker.stats.dropped).toBe(2)
  say('vouched for', { ...replyTo, 'drover-sender': 'ada', 'drover-pass': '2.x.y.z' })
  say('once more', { ...replyTo, 'drover-sender': 'ada', 'drover-pass': '2.x.y.z' })
  await expect.poll(() => worker.stats.processed).toBe(1)
  say('and when it has ended', { ...replyTo, 'drover-sender': 'ada', 'drover-pass': '2.x.y.z' })
  expect(ran).toEqual(['vouched for'])
})

test('a job that is cancelled while it rests leaves no subscription too many behind', async () => {
  const stomp = fakeStomp()
  // A broker that does not delay itself: the job rests here.
  const session = { ...(await stomp.opened()), dialect: { ...embedded, delaysInTransaction: false } }
  stomp.become({ at: 'open', session })
  stomp.opened = async () => session
  const task = implement(defineTask('a', { input: z.unknown() }), () => told.push('runs'))
  const told: string[] = []
  const onEvent: WorkerOptions['onEvent'] = event => event.type === 'job' && told.push(event.what)
  await using _worker = await start({ tasks: [task], onEvent }, fakeRuntime(stomp))
  const request_id = crypto.randomUUID()
  const say = (destination: string, body: object): void =>
    stomp.readers.get(destination)!({ headers: {}, body: JSON.stringify(body), destination, ack() {} })
  say('/queue/myapp.tasks.a', { request_id, task: 'a', input: 1, wait_ms: 60_000 })
  await expect.poll(() => told).toEqual(['resting'])
  say('/topic/myapp.control.a', { v: 1, type: 'cancel', request_id })
  await expect.poll(() => told).toEqual(['resting', 'cancelled'])
  await expect.poll(() => stomp.left).toEqual(['/queue/myapp.tasks.a'])
})

test('a worker whose connection was there before it looked for it hears of its end', async () => {
  const stomp = fakeStomp()
  const task = implement(defineTask('a', { input: z.unknown() }), () => 1)
  const states: string[] = []
  const onEvent: WorkerOptions['onEvent'] = event => event.type === 'connection' && states.push(event.state.at)
  await using worker = await start({ tasks: [task], onEvent }, fakeRuntime(stomp))
  const [destination, request_id] = ['/queue/myapp.tasks.a', crypto.randomUUID()]
  const body = JSON.stringify({ request_id, task: 'a', input: 1, wait_ms: 60_000 })
  stomp.readers.get(destination)!({ headers: {}, body, destination, ack() {} })
  expect(worker.stats.resting).toBe(1)
  stomp.become({ at: 'waiting', retryAt: 0, reason: new DroverError('connection_lost', 'gone') })
  expect([states, worker.stats.resting]).toEqual([['open', 'waiting'], 0])
})
