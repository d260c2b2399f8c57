/**
 * The connection goes when the broker has the frame that settles a job, and before its ACK, which on Artemis takes no part
 * in the transaction. The worker that is handed the job next sends nothing of it again. Promises 1 and 6.
 */
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { countFrames } from '../../../bench/counted.ts'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { systemClock } from '../../../shared/clock.ts'
import { fenceBody } from '../../../shared/contract/mod.ts'
import { connectStomp, destinationsOf, dialects, prefetchHeaders } from '../../../shared/stomp/mod.ts'
import { defineTask, implement, nodeRuntime, startWorker, type Worker } from '../../../worker/node.ts'
import type { WorkerEvent, WorkerRuntime } from '../../../worker/options.ts'
import { createWorker } from '../../../worker/worker.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts'
import { connectRaw, type RawStomp } from '../../support/raw-stomp.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'

const cuts = {
  'before it is confirmed': (proxy: FaultProxy, last: string) => proxy.cutAnswer('up', last),
  'before the ACK': (proxy: FaultProxy) => proxy.cutOn('up', 'ACK\n'),
}
/**
 * By the frame of the job that is sent when its connection goes: the job, and the end that comes of it. Runs say who, attempt and
 * losses.
 */
const kinds = {
  outcome: {
    last: '"type":"result"',
    job: { input: 'runs', attempt: 1 },
    runs: ['first 1 0'],
    outcomes: ['result'],
    dead: 0,
  },
  'dead letter': {
    last: 'COMMIT\n',
    job: { input: 'fails', attempt: 2 },
    runs: ['first 2 0'],
    outcomes: ['error'],
    dead: 1,
  },
  retry: {
    last: 'COMMIT\n',
    job: { input: 'fails', attempt: 1 },
    runs: ['first 1 0', 'next 2 0'],
    outcomes: ['error'],
    dead: 1,
  },
  loss: { last: 'COMMIT\n', job: { input: 'runs', attempt: 1 }, runs: ['next 1 1'], outcomes: ['result'], dead: 0 },
}
const cases = Object.keys(kinds).flatMap(kind =>
  Object.keys(cuts).flatMap(where => ['first', 'second'].map(next => ({ kind, where, next }))),
)

const inputs = z.enum(['runs', 'fails', 'fence'])
const task = defineTask('once.job', { input: inputs, attempts: 2, retryDelayMs: 0 })

async function setUpTestBed(stack: AsyncDisposableStack) {
  const { stompUrl } = await sharedBroker('artemis')
  const namespace = unique('once')
  const master = stack.use(await scriptMaster(stompUrl, namespace, []))
  return { stompUrl, namespace, master }
}

function startOne(url: string, namespace: string, name: string, runs: string[]): Promise<Worker> {
  const implementation = implement(task, (input, job) => {
    if (input !== 'fence') runs.push(`${name} ${job.attempt} ${job.losses}`)
    if (input === 'fails') throw new Error('always')
    return name
  })
  return startWorker({ url, namespace, name, tasks: [implementation], signals: false })
}

/** A reader of the task's queue that goes with its delivery. */
async function startDoomed(url: string, namespace: string): Promise<RawStomp> {
  const doomed = await connectRaw(url, { 'accept-version': '1.1' })
  const kind = dialects.artemis.kinds!.queue.subscribe
  const headers = { ...kind, ...prefetchHeaders(dialects.artemis, 1), ack: 'client-individual' }
  await doomed.subscribe(destinationsOf(namespace).queue(task.name), headers)
  return doomed
}

/** Takes a delivery and publishes it again, with its mark, as a worker that has not sent its ACK. @returns the id for the ACK */
async function publishAgain(other: RawStomp, namespace: string, changed: object): Promise<Record<string, string>> {
  const { headers, body } = await other.next()
  const to = destinationsOf(namespace)
  const { send } = dialects.artemis.kinds!.queue
  const id = headers['message-id']!
  const transaction = 't'
  const again = { destination: to.queue(task.name), persistent: 'true', transaction }
  const mark = { destination: to.reply, _AMQ_DUPL_ID: id.split(',')[1]!, transaction }
  other.send('BEGIN', { transaction })
  await other.confirmed('SEND', { ...send, ...again }, JSON.stringify({ ...JSON.parse(body), ...changed }))
  await other.confirmed('SEND', { ...send, ...mark }, fenceBody('m'))
  await other.confirmed('COMMIT', { transaction })
  return { 'message-id': id, subscription: headers.subscription! }
}

describe.skipIf(readPrepared().artemis !== undefined)('Artemis', () => {
  test('a job that goes well is settled by its outcome and its ACK alone', async () => {
    await using stack = new AsyncDisposableStack()
    const { stompUrl, namespace, master } = await setUpTestBed(stack)
    const wire = countFrames()
    const connect: WorkerRuntime['connect'] = options => connectStomp({ ...options, createSocket: wire.createSocket })
    const tasks = [implement(task, () => 'done')]
    const worker = await createWorker({ url: stompUrl, namespace, tasks }, { ...nodeRuntime, connect })
    stack.use(worker)
    await master.outcome(await master.send(task.name, 'runs'))
    wire.frames = 0
    for (let n = 0; n < 10; n++) await master.outcome(await master.send(task.name, 'runs'))
    await worker.drain()
    // MESSAGE, accepted, two events, result, RECEIPT, ACK, RECEIPT; and the worker's other frames, also as it goes
    expect(wire.frames / 10, 'frames a job between worker and broker').toBeLessThan(11)
  })

  test.concurrent.for(['before', 'after'])(
    'that a worker stood still is said and settles nothing: its outcome comes, made %s that was heard',
    async when => {
      await using stack = new AsyncDisposableStack()
      const { stompUrl, namespace, master } = await setUpTestBed(stack)
      let stoodStillMs = 0
      const clock = { ...systemClock, steady: () => systemClock.steady() + stoodStillMs }
      const logLine = (id: string): Promise<unknown> =>
        until('it says that it stood still', () => master.of(id).some(({ type }) => type === 'log'))
      const tasks = [
        implement(task, async (_, { request_id }) => {
          stoodStillMs = 11_000
          if (when === 'after') await logLine(request_id)
          return 'done'
        }),
      ]
      stack.use(await startWorker({ url: stompUrl, namespace, tasks, clock, signals: false }))
      const id = await master.send(task.name, 'runs')
      await until('it has ended', () => master.of(id).some(({ type }) => type === 'result'))
      await logLine(id)
    },
  )

  test('a master that asks for the state of an ended job is told its outcome once more', async () => {
    await using stack = new AsyncDisposableStack()
    const { stompUrl, namespace, master } = await setUpTestBed(stack)
    stack.use(await startOne(stompUrl, namespace, 'first', []))
    const id = await master.send(task.name, 'runs')
    await master.outcome(id)
    // Asked before its worker knows that it is settled, its outcome is on its way still
    await until('the outcome comes again', async () => {
      await master.control(task.name, { type: 'state', request_id: id })
      return master.of(id).filter(({ type }) => type === 'result').length > 1
    })
  })

  test.concurrent.for(['outcome', 'dead letter'] as const)(
    'one %s, though it is cut off and its job comes back, published again by another that then went',
    async kind => {
      await using stack = new AsyncDisposableStack()
      const { stompUrl, namespace, master } = await setUpTestBed(stack)
      const proxy = stack.use(await startFaultProxy(stompUrl))
      const { job, last } = kinds[kind]
      const worker = stack.use(await startOne(proxy.through(stompUrl), namespace, 'first', []))
      const gone = proxy.cutOn('up', last)
      const id = await master.send(task.name, job.input, { body: { attempt: job.attempt } })
      await gone
      proxy.refuse()
      const other = stack.use(await startDoomed(stompUrl, namespace))
      const delivery = await publishAgain(other, namespace, { losses: 1 })
      await other.confirmed('ACK', delivery)
      await other[Symbol.asyncDispose]()
      proxy.admit()
      await master.outcome(id)
      await worker.drain()
      const outcomes = master.of(id).filter(({ type }) => type === 'result' || type === 'error').length
      await until('its letters are here', () => master.dead.length >= kinds[kind].dead)
      expect({ outcomes, dead: master.dead.length }).toEqual({ outcomes: 1, dead: kinds[kind].dead })
    },
  )

  test.concurrent.for([{}, { attempt: 2 }, { losses: 1 }])(
    'a job that was published again with %j has its outcome, though its first form comes back while it runs',
    async changed => {
      await using stack = new AsyncDisposableStack()
      const { stompUrl, namespace, master } = await setUpTestBed(stack)
      const other = stack.use(await startDoomed(stompUrl, namespace))
      const id = await master.send(task.name, 'runs')
      await publishAgain(other, namespace, changed)
      const back = Promise.withResolvers<void>()
      const tasks = [implement(task, () => back.promise.then(() => 'done'))]
      const onEvent = (event: WorkerEvent): void => {
        if (event.type === 'job' && event.what === 'taken_over') back.resolve()
      }
      const worker = stack.use(
        await startWorker({ url: stompUrl, namespace, tasks, onEvent, concurrency: 2, signals: false }),
      )
      await until('it runs', () => master.of(id).some(({ type }) => type === 'accepted'))
      await other[Symbol.asyncDispose]()
      expect(await master.outcome(id)).toMatchObject({ type: 'result', output: 'done' })
      await worker.drain()
    },
  )

  test.concurrent.for(cases)(
    'one $kind, though its connection goes $where: next is the $next',
    async ({ kind, where, next }) => {
      await using stack = new AsyncDisposableStack()
      const { stompUrl, namespace, master } = await setUpTestBed(stack)
      const proxy = stack.use(await startFaultProxy(stompUrl))
      const { job, last, ...expected } = kinds[kind as keyof typeof kinds]
      const runs: string[] = []
      const send = (): Promise<string> => master.send(task.name, job.input, { body: { attempt: job.attempt } })
      let id = ''
      if (kind === 'loss') {
        await using doomed = await startDoomed(stompUrl, namespace)
        id = await send()
        await doomed.next()
      }
      const gone = cuts[where as keyof typeof cuts](proxy, last)
      const first = stack.use(await startOne(proxy.through(stompUrl), namespace, 'first', runs))
      if (kind !== 'loss') id = await send()
      await gone
      if (next === 'second') proxy.refuse()
      // Nothing that the first of two overtook is left when the second has run
      const fence = async (name: string): Promise<void> => {
        for (let n = 0; n < 2; n++) {
          expect(await master.outcome(await master.send(task.name, 'fence'))).toMatchObject({ output: name })
        }
      }
      if (next === 'second') {
        const second = stack.use(await startOne(stompUrl, namespace, 'second', runs))
        await fence('second')
        await second.drain()
        // The first says the rest when it is back
        proxy.admit()
      }
      await fence('first')
      await first.drain()
      const outcomes = master.of(id).flatMap(({ type }) => (type === 'result' || type === 'error' ? [type] : []))
      expect({ runs, outcomes, dead: master.dead.length }).toEqual({
        ...expected,
        runs: expected.runs.map(run => run.replace('next', next)),
      })
    },
  )
})
