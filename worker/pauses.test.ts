/** Who may pause a worker, and the jobs that it has then. */
import { expect, test, vi } from 'vitest'
import * as z from 'zod'
import { defineTask } from '../shared/contract/mod.ts'
import { implement } from './implement.ts'
import type { WorkerEvent } from './options.ts'
import { fakeRuntime, fakeStomp } from './testing.ts'
import { createWorker } from './worker.ts'

const [queue, topic, control] = ['/queue/myapp.tasks.a', '/topic/myapp.tasks.a', '/topic/myapp.control.a']
/** A worker with a name reads its own queue as well. */
const read = (task: string): string => `/queue/myapp.tasks.${task},/queue/myapp.named.${task}.w`

async function setUp(attempts = 1, others: readonly string[] = []) {
  const stomp = fakeStomp()
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const events: WorkerEvent[] = []
  const task = defineTask('a', { input: z.string(), attempts, retryDelayMs: 600_000, timeoutMs: 3_600_000 })
  const run = async (input: string): Promise<void> => {
    const gate = Promise.withResolvers<void>()
    gates.set(input, gate)
    await gate.promise
  }
  const options = {
    url: 'stomp://localhost',
    name: 'w',
    tasks: [task, ...others.map(name => defineTask(name, { input: z.string() }))].map(one => implement(one, run)),
  }
  const worker = await createWorker({ ...options, onEvent: event => void events.push(event) }, fakeRuntime(stomp))
  const deliver = (
    destination: string,
    body: object,
    headers: Record<string, string> = {},
    by: string = destination === queue ? read('a') : destination,
  ): void => stomp.readers.get(by)!({ headers, body: JSON.stringify(body), destination, ack() {} })
  return {
    stomp,
    worker,
    gates,
    deliver,
    job(by: string, input: string): string {
      const request_id = crypto.randomUUID()
      deliver(by, { request_id, task: 'a', input }, { 'reply-to': '/queue/myapp.reply' })
      return request_id
    },
    say: (body: object, headers?: Record<string, string>) => deliver(control, body, headers),
    news: () => events.filter(({ type }) => type === 'paused' || type === 'resumed'),
    sent: (destination: string) =>
      stomp.sent.filter(one => one.destination === destination).map(({ body }) => JSON.parse(body)),
  }
}

const bridged = { 'drover-sender': 'ada' }
test.each([
  ['of a program with the broker login', {}, {}, true],
  ['of an operator, by a bridge', {}, { ...bridged, 'drover-operator': 'true' }, true],
  ['that names this worker', { names: ['x', 'w'] }, {}, true],
  ['of anybody else, by a bridge', {}, bridged, false],
  ['with a stamp that says no', {}, { ...bridged, 'drover-operator': 'false' }, false],
  ['that names others', { names: ['x'] }, {}, false],
  ['that names nobody', { names: [] }, {}, false],
] as const)('a message to pause %s: %#', async (_what, more, headers, isObeyed) => {
  const { stomp, worker, say, news } = await setUp()
  await using _ = worker
  say({ type: 'pause', ...more }, headers)
  const by = 'drover-sender' in headers ? headers['drover-sender'] : undefined
  expect(news()).toEqual(isObeyed ? [{ type: 'paused', task: 'a', by }] : [])
  await expect.poll(() => stomp.left).toEqual(isObeyed ? [read('a')] : [])
  say({ type: 'pause', ...more }, headers)
  say({ type: 'resume', ...more }, headers)
  say({ type: 'resume', ...more }, headers)
  expect(news().map(({ type }) => type)).toEqual(isObeyed ? ['paused', 'resumed'] : [])
  expect(worker.stats.dropped).toBe(!isObeyed && by !== undefined ? 4 : 0)
})

test('what runs goes on, a queue job that has not begun goes to another, and a broadcast is answered', async () => {
  const { stomp, worker, gates, job, say, sent } = await setUp()
  await using _ = worker
  const begun = job(queue, 'begun')
  await expect.poll(() => gates.has('begun')).toBe(true)
  const [waits, waitsToo] = [job(queue, 'waits'), job(topic, 'waits too')]
  say({ type: 'pause' })
  await expect.poll(() => sent(queue)).toMatchObject([{ request_id: waits, input: 'waits', handed_back: true }])
  const outcomes = () => sent('/queue/myapp.reply').filter(({ type }) => type !== 'accepted')
  const paused = { type: 'cancelled', reason: 'the worker is paused' }
  await expect.poll(outcomes).toMatchObject([{ request_id: waitsToo, ...paused }])
  const later = job(topic, 'later')
  await expect.poll(outcomes).toMatchObject([{}, { request_id: later, ...paused }])
  gates.get('begun')!.resolve()
  await expect.poll(outcomes).toMatchObject([{}, {}, { request_id: begun, type: 'result' }])
  // One stood for the job that waited
  await expect.poll(() => stomp.left).toEqual([read('a'), read('a')])
  expect([...gates.keys()]).toEqual(['begun'])
})

test('a job that rests goes out with the rest of its wait, and one that fails for its next attempt', async () => {
  const { worker, gates, deliver, job, say, sent } = await setUp(2)
  await using _ = worker
  const fails = job(queue, 'fails')
  await expect.poll(() => gates.has('fails')).toBe(true)
  const rests = { request_id: crypto.randomUUID(), task: 'a', input: 'rests', wait_ms: 600_000 }
  deliver(queue, rests, { 'reply-to': '/queue/myapp.reply', expires: String(Date.now() + 3_000_000) })
  say({ type: 'pause' })
  await expect.poll(() => sent(queue)).toMatchObject([{ ...rests, wait_ms: expect.any(Number) }])
  expect(sent(queue)[0].wait_ms).toBeGreaterThan(590_000)
  gates.get('fails')!.reject(new Error('no'))
  await expect.poll(() => sent(queue)).toMatchObject([{}, { request_id: fails, attempt: 2 }])
})

test('presence says so, at once and to whoever asks later', async () => {
  const { worker, say, sent } = await setUp()
  await using _ = worker
  const announced = () =>
    sent('/topic/myapp.workers.a')
      .filter(({ type }) => type === 'announce')
      .map(({ paused }) => paused)
  expect(announced()).toEqual([undefined])
  say({ type: 'pause' })
  await expect.poll(announced, { timeout: 3_000 }).toEqual([undefined, true])
  say({ type: 'resume' })
  await expect.poll(announced, { timeout: 3_000 }).toEqual([undefined, true, undefined])
})

test('where one subscription reads several queues, the rest are read by another one once the old one has nothing in hand', async () => {
  const { stomp, worker, gates, deliver, say } = await setUp(1, ['b'])
  await using _ = worker
  const [both, rest] = [`${read('a')},${read('b')}`, read('b')]
  const job = { request_id: crypto.randomUUID(), task: 'b', input: 'in hand' }
  deliver('/queue/myapp.tasks.b', job, {}, both)
  await expect.poll(() => gates.has('in hand')).toBe(true)
  say({ type: 'pause' })
  // Its slot is taken: another subscription would be handed a job that could not begin
  expect([stomp.left, stomp.readers.has(rest)]).toEqual([[], false])
  gates.get('in hand')!.resolve()
  await expect.poll(() => [stomp.left, stomp.readers.has(rest)]).toEqual([[both], true])
  say({ type: 'resume' })
  await expect.poll(() => stomp.left).toEqual([both, rest])
})

test('a task that goes on while a job of it runs is handed no other one in the place of that', async () => {
  const { stomp, worker, gates, job, say } = await setUp()
  await using _ = worker
  const opened = vi.spyOn(stomp, 'subscribe')
  job(queue, 'runs')
  await expect.poll(() => gates.has('runs')).toBe(true)
  for (const type of ['pause', 'resume', 'pause', 'resume']) say({ type })
  expect(opened).not.toHaveBeenCalled() // its one slot is taken
  gates.get('runs')!.resolve()
  await expect.poll(() => opened.mock.calls.map(([{ destination }]) => destination)).toEqual([read('a')])
})

test('a paused worker leaves no job that its last ACK brought: its connection does not end, and nobody else would get it', async () => {
  const { stomp, worker, gates, job, deliver, say, sent } = await setUp()
  await using _ = worker
  job(queue, 'runs')
  await expect.poll(() => gates.has('runs')).toBe(true)
  say({ type: 'pause' })
  gates.get('runs')!.resolve()
  const ids: string[] = []
  for (let nth = 1; nth <= 6; nth++) {
    await expect.poll(() => sent(queue).map(({ request_id }) => request_id)).toEqual(ids)
    ids.push(job(queue, `next ${nth}`))
  }
  await expect.poll(() => sent(queue).length).toBe(6)
  const marked = { request_id: crypto.randomUUID(), task: 'a', input: 'lost elsewhere' }
  deliver(queue, marked, { redelivered: 'true' })
  await expect.poll(() => sent(queue).at(-1), { timeout: 3_000 }).toMatchObject({ ...marked, losses: 1 })
  expect(stomp.left).toEqual([])
  await expect.poll(() => stomp.left).toEqual([read('a')])
})

test('a job that was on its way to a subscription as its task was paused is published again before that closes', async () => {
  const { stomp, worker, job, say, sent } = await setUp()
  await using _ = worker
  say({ type: 'pause' })
  const late = job(queue, 'late')
  await expect.poll(() => sent(queue)).toMatchObject([{ request_id: late, handed_back: true }])
  const next = job(queue, 'next') // the ACK brought it
  await expect.poll(() => sent(queue)).toMatchObject([{ request_id: late }, { request_id: next }])
  expect(stomp.left).toEqual([])
  await expect.poll(() => stomp.left).toEqual([read('a')])
})

test('with all of its tasks paused it reads no queue, also on a new connection', async () => {
  const { stomp, worker, say } = await setUp()
  await using _ = worker
  say({ type: 'pause' })
  await expect.poll(() => stomp.left).toEqual([read('a')])
  const session = await stomp.opened()
  const asked: string[] = []
  const { subscribe } = stomp
  stomp.subscribe = (options, onMessage) => {
    asked.push(options.destination)
    return subscribe(options, onMessage)
  }
  stomp.become({ at: 'connecting' })
  stomp.become({ at: 'open', session: { ...session } })
  await expect.poll(() => stomp.state.at).toBe('open')
  expect(asked).toEqual([])
  say({ type: 'resume' })
  expect(asked).toEqual([read('a')])
})
