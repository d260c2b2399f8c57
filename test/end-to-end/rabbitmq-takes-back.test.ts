/**
 * RabbitMQ takes back a delivery that a worker has held for longer than `consumer_timeout`, here 4 s, with all others of its
 * connection. A worker that was told so ends such a job before that, alone. One that was not learns it as it happens: the job ends
 * there, and the other workers are told.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import { startMaster } from '../../shared/master/node.ts'
import { connectStomp } from '../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../shared/stomp/sockets/node.ts'
import { defineTask, implement, startWorker, type WorkerEvent, type WorkerOptions } from '../../worker/node.ts'
import { startBridge } from '../support/bridges/bridges.ts'
import { unique } from '../support/brokers/shared.ts'
import { startBroker, type TestBroker } from '../support/brokers/start.ts'
import { until, within } from '../support/until.ts'

const limitMs = 4_000
const takesBack = test.skipIf(readPrepared().rabbitmq !== undefined)
let broker: TestBroker

beforeAll(async () => {
  if (readPrepared().rabbitmq !== undefined) return
  broker = await startBroker('rabbitmq', { env: { CONSUMERTIMEOUT: `${limitMs}`, CHANNELTICK: '200' } })
}, 90_000)
afterAll(() => broker?.[Symbol.asyncDispose]())

/** Sleeps so many ms, and heeds its signal. */
const sleep = defineTask('back.sleep', { input: z.number() })
const fails = defineTask('back.fails', { input: z.unknown(), attempts: 3, retryDelayMs: 6_000 })

async function setUp() {
  const stack = new AsyncDisposableStack()
  const { stompUrl: url } = broker
  const namespace = unique('back')
  const events: (WorkerEvent & { readonly by: string })[] = []
  const runs: string[] = []
  const evidence = (): string => events.map(event => JSON.stringify(event)).join('\n')
  const start = async (by: string, options: Partial<WorkerOptions> = {}) =>
    stack.use(
      await startWorker({
        url,
        namespace,
        name: by,
        concurrency: 2,
        signals: false,
        onEvent: event => void events.push({ ...event, by }),
        tasks: [
          implement(sleep, async (ms, { signal, request_id }) => {
            runs.push(request_id)
            await pause(ms, undefined, { signal })
            return by
          }),
          implement(fails, async (_, { request_id }) => {
            runs.push(request_id)
            throw new Error('not today')
          }),
        ],
        ...options,
      }),
    )
  const letters: string[] = []
  const plain = stack.use(connectStomp({ url, namespace, createSocket: createNodeSocket }))
  await plain.opened()
  const destination = `/queue/${namespace}.dead`
  await plain.subscribe({ destination, ack: 'client-individual' }, letter => void letters.push(letter.body)).ready
  const master = stack.use(await startMaster({ url, namespace }))
  const told = (by: string) =>
    events.flatMap(event => (event.type === 'problem' && event.by === by ? [event.message] : []))
  const cutOff = () => events.filter(event => event.type === 'connection' && event.state.at === 'waiting')
  return { stack, namespace, master, start, events, runs, evidence, letters, told, cutOff }
}

const heldTooLong = {
  type: 'error',
  error: {
    code: 'held_too_long',
    retryable: false,
    message: expect.stringMatching(/not done within 4 s\. .*\(rabbitmq\) takes it back.*raise its consumer_timeout/),
  },
}

takesBack('a worker that was told the limit ends a job before it, and nothing is taken back', async () => {
  const { stack, master, start, runs, evidence, letters, told, cutOff } = await setUp()
  await using _stack = stack
  await Promise.all(['one', 'two'].map(name => start(name, { limits: { maxUnackedMs: limitMs } })))
  expect(told('one')[0]).toMatch(/within 4 s, as this worker was told .*"back\.sleep", "back\.fails" may run longer/)
  const long = master.dispatch(sleep, 30_000)
  const short = Array.from({ length: 6 }, () => master.dispatch(sleep, 1_500))
  const often = master.dispatch(fails, 0)
  expect(await within('the long job ends', long.outcome, { evidence })).toMatchObject(heldTooLong)
  for (const job of short)
    expect(await within('its neighbours end', job.outcome, { evidence })).toMatchObject({ type: 'result' })
  const failed = await within('the job with three attempts ends', often.outcome, { evidence, timeoutMs: 30_000 })
  expect(failed).toMatchObject({ type: 'error', error: { message: 'not today' } })
  await until('its dead letter is there', () => letters.length === 1, { evidence })
  const counts = [long, ...short, often].map(({ request_id }) => runs.filter(id => id === request_id).length)
  expect(counts, evidence()).toEqual([1, 1, 1, 1, 1, 1, 1, 3])
  expect(cutOff(), evidence()).toEqual([])
})

takesBack(
  'a worker that was not told learns the limit: the job ends with it, and others do not run it to its end',
  async () => {
    const { stack, master, start, runs, events, evidence, letters, told, cutOff } = await setUp()
    await using _stack = stack
    for (const name of ['one', 'two', 'three']) await start(name)
    expect(told('one')[0]).toMatch(
      /within 30 minutes, unless.*"back\.sleep".* may run longer: raise its consumer_timeout/,
    )
    const first = master.dispatch(sleep, 60_000)
    expect(await within('the job ends', first.outcome, { evidence })).toMatchObject(heldTooLong)
    await until('the other that was handed it is told', () => events.some(isOf('error', first.request_id)), {
      evidence,
    })
    const isOver = () =>
      events.filter(event => isOf('accepted', first.request_id)(event)).length ===
      events.filter(event => isOf('error', first.request_id)(event)).length
    await until('nobody runs it', isOver, { evidence })
    expect(runs.length, evidence()).toBeLessThanOrEqual(2)
    const ends = cutOff().length
    expect(ends, 'one connection, by which all learned').toBe(1)
    // From now on every one of them knows
    const later = [1, 2, 3].map(() => master.dispatch(sleep, 60_000))
    for (const job of later)
      expect(await within('a later one ends', job.outcome, { evidence })).toMatchObject(heldTooLong)
    expect(cutOff().length, evidence()).toBe(ends)
    expect(later.map(({ request_id }) => runs.filter(id => id === request_id).length)).toEqual([1, 1, 1])
    expect([letters, events.filter(event => isOf('dead', first.request_id)(event))]).toEqual([[], []])
  },
)

takesBack('a job that waits for its next attempt for too long teaches all of them the limit once', async () => {
  const { stack, master, start, runs, evidence, letters, cutOff } = await setUp()
  await using _stack = stack
  for (const name of ['one', 'two']) await start(name)
  const job = master.dispatch(fails, 0)
  const outcome = await within('it ends', job.outcome, { evidence, timeoutMs: 40_000 })
  expect(outcome).toMatchObject({ type: 'error', error: { message: 'not today' } })
  await until('its dead letter is there', () => letters.length > 0, { evidence })
  expect([letters.length, cutOff().length], evidence()).toEqual([1, 1])
  expect(runs.length, 'three attempts').toBe(3)
})

takesBack('a worker behind a bridge learns it as well', async () => {
  const { stack, master, start, evidence, namespace } = await setUp()
  await using _stack = stack
  const users = [{ login: 'foo', password: 'bar', grants: { ...allGrants, ns: namespace } }]
  const bridge = stack.use(await startBridge({ broker: broker.stompUrl, users }))
  await start('bridged', { url: `${bridge.url.replace('http://', 'ws://foo:bar@')}/stomp` })
  const long = master.dispatch(sleep, 60_000)
  expect(await within('it ends', long.outcome, { evidence })).toMatchObject(heldTooLong)
})

const isOf = (what: string, id: string) => (event: WorkerEvent) =>
  event.type === 'job' && event.what === what && event.request_id === id
