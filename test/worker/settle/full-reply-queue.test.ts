/** A reply queue that nobody reads: the jobs of its owner pay for it, and nobody else's. Promises 1 and 8. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { openPeer, type Peer, textOf } from '../../../broker/testing.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../../worker/node.ts'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { startEmbedded } from '../../support/brokers/embedded.ts'
import { bodyOf, connectRaw, raw } from '../../support/raw-session.ts'
import { until, within } from '../../support/until.ts'

const KiB = 1024
const large = defineTask('unread.large', { input: z.object({}), output: z.string(), attempts: 2 })
const small = defineTask('unread.small', { input: z.object({}), output: z.string() })
const replies = '/queue/myapp.reply.eve.m1'

const people = ['eve', 'ada', 'rex'].map(login => ({ login, passcode: login, allow: ['myapp.>'] }))

async function startTestBed(stack: AsyncDisposableStack, concurrency: number) {
  const { broker, port } = stack.use(await startEmbedded({ users: people, limits: { maxQueueBytes: 3_200 * KiB } }))
  const url = (login: string) => `stomp://${login}:${login}@127.0.0.1:${port}`
  const events: WorkerEvent[] = []
  const worker = stack.use(
    await startWorker({
      url: url('rex'),
      concurrency,
      signals: false,
      onEvent: event => void events.push(event),
      tasks: [
        implement(large, async (_, { partial }) => {
          await partial({ some: 'x'.repeat(10 * KiB) })
          return 'x'.repeat(300 * KiB)
        }),
        implement(small, async () => 'small'),
      ],
    }),
  )
  const evidence = (): string =>
    events.map(event => ('message' in event ? event.message : event.type === 'job' ? '' : event.type)).join('\n')
  const opened = () => events.filter(event => event.type === 'connection' && event.state.at === 'open').length
  return { broker, url, worker, evidence, opened }
}

/** Jobs of somebody whose page does not read. */
async function dispatch(eve: Peer, task: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => crypto.randomUUID())
  for (const request_id of ids) {
    const headers = { destination: `/queue/myapp.tasks.${task}`, 'reply-to': replies, persistent: 'true' }
    await eve.confirmed('SEND', headers, JSON.stringify({ request_id, task, input: {} }))
  }
  return ids
}

const asEve = { headers: { login: 'eve', passcode: 'eve' } }

test('an owner who does not read a full reply queue hears of it later, and others are answered meanwhile', async () => {
  await using stack = new AsyncDisposableStack()
  const { broker, url, evidence, opened } = await startTestBed(stack, 2)
  const eve = await openPeer(broker, asEve)
  const ids = await dispatch(eve, large.name, 40)
  const bytes = (): number => broker.stats().queues.find(({ destination }) => destination === replies)?.bytes ?? 0
  await until('the queue is nearly full', () => bytes() > 2_800 * KiB, { evidence })
  await using ada = await startMaster({ url: url('ada') })
  for (let at = 0; at < 20; at++) {
    const job = ada.dispatch(small, {})
    const prompt = { evidence, timeoutMs: 5_000 }
    expect(await within('a job of somebody else ends', job.outcome, prompt)).toMatchObject({ output: 'small' })
  }
  const jobs = () => broker.stats().queues.filter(({ destination }) => destination.endsWith(large.name))
  await until('none of the jobs is in hand', () => jobs().every(({ waiting, pending }) => waiting + pending === 0), {
    evidence,
  })
  eve.send('SUBSCRIBE', { id: 'r', destination: replies })
  const outcomes = new Map<string, { type: string; output?: string; error?: { code: string; message: string } }>()
  while (outcomes.size < ids.length) {
    const reply = JSON.parse(textOf(await within('every job has an outcome', eve.next(), { evidence })))
    if (!('took_ms' in reply)) continue
    expect(outcomes.has(reply.request_id), 'one outcome a job').toBe(false)
    outcomes.set(reply.request_id, reply)
  }
  const ended = ids.map(id => outcomes.get(id)!)
  const results = ended.filter(({ type, output }) => type === 'result' && output?.length === 300 * KiB)
  expect(results.length).toBeGreaterThanOrEqual(8)
  const refused = ended.filter(({ type }) => type === 'error')
  expect(results.length + refused.length).toBe(40)
  for (const { error } of refused) {
    expect(error).toMatchObject({ code: 'reply_queue_full', message: expect.stringContaining(replies) })
  }
  expect(opened(), 'connections of the worker').toBe(1)
  // Read replies leave room again
  await dispatch(eve, large.name, 1)
  for (;;) {
    const reply = JSON.parse(textOf(await within('another outcome', eve.next(), { evidence })))
    if (!('took_ms' in reply)) continue
    expect(reply.output).toHaveLength(300 * KiB)
    break
  }
})

test('one page whose replies nobody reads holds up no other: 76 outcomes of 1 MB, by a bridge', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const url = bridge.url.replace('http', 'ws').concat('/stomp')
  const events: WorkerEvent[] = []
  const evidence = (): string => events.flatMap(event => ('message' in event ? [event.message] : [])).join('\n')
  const megabyte = defineTask('unread.megabyte', { input: z.object({}), output: z.string() })
  await using _worker = await startWorker({
    url,
    token: () => tokenFor('rex', { work: ['*'] }),
    concurrency: 2,
    signals: false,
    onEvent: event => void events.push(event),
    tasks: [implement(megabyte, async () => 'x'.repeat(1_000_000)), implement(small, async () => 'small')],
  })
  await using eve = await connectRaw(bridge.url, { token: await tokenFor('eve', { dispatch: ['*'] }) })
  for (let at = 0; at < 76; at++) {
    const request_id = crypto.randomUUID()
    const to = [
      `destination:/queue/myapp.tasks.${megabyte.name}`,
      `reply-to:${replies}`,
      `correlation-id:${request_id}`,
    ]
    eve.send(raw('SEND', to, JSON.stringify({ request_id, task: megabyte.name, input: {} })))
  }
  const ended = () =>
    events.filter(event => event.type === 'job' && event.what === 'result' && event.task === megabyte.name).length
  await until('most have ended', () => ended() > 66, { evidence })
  await using ada = await startMaster({ url, token: () => tokenFor('ada', { dispatch: ['*'] }) })
  for (let at = 0; at < 20; at++) {
    const job = ada.dispatch(small, {})
    const prompt = { evidence, timeoutMs: 5_000 }
    expect(await within('a job of somebody else ends', job.outcome, prompt)).toMatchObject({ output: 'small' })
  }
  await until('all of the others have ended', () => ended() === 76, { evidence })
  const stands = (): number => evidence().split('without its payload').length - 1
  await until('those are told that found no room', () => stands() >= 76 - 67, { evidence })
  eve.send(raw('SUBSCRIBE', ['id:r', `destination:${replies}`]))
  const types: Record<string, number> = {}
  for (let outcomes = 0; outcomes < 76; ) {
    const reply = JSON.parse(bodyOf(await within('every job has an outcome', eve.next('MESSAGE'), { evidence })))
    if (!('took_ms' in reply)) continue
    outcomes++
    const type = reply.type === 'error' ? reply.error.code : reply.type
    types[type] = (types[type] ?? 0) + 1
  }
  expect(types).toEqual({ result: 67, reply_queue_full: 9 })
  const opened = events.filter(event => event.type === 'connection' && event.state.at === 'open').length
  expect(opened, 'connections of the worker').toBe(1)
})
