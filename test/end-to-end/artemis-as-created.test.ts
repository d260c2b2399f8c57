/**
 * An Artemis that nobody has configured for Drover, as `artemis create` makes it: queued jobs run once and replies,
 * controls, presence and dead letters come, to those on the broker itself and to those behind a bridge.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker, type Worker } from '../../worker/node.ts'
import { startBridge } from '../support/bridges/bridges.ts'
import { startBroker } from '../support/brokers/start.ts'
import { connectRaw } from '../support/raw-stomp.ts'
import { until } from '../support/until.ts'

describe.skipIf(readPrepared().artemis !== undefined)('Artemis as it is created', () => {
  const stack = new AsyncDisposableStack()
  const runs: string[] = []
  let stompUrl = ''
  let bridgeUrl = ''

  const startOne = async (name: string, url: string): Promise<Worker> => {
    const tasks = [
      implement(defineTask('made.count', { input: z.string() }), input => {
        runs.push(`${name} ${input}`)
        return name
      }),
      implement(defineTask('made.fails', { input: z.unknown(), attempts: 2, retryDelayMs: 10 }), () => {
        throw new Error('always')
      }),
      implement(defineTask('made.waits', { input: z.unknown() }), (_, job) => {
        runs.push(`${name} waits`)
        return new Promise((_, reject) => job.signal.addEventListener('abort', () => reject(job.signal.reason)))
      }),
    ]
    return stack.use(await startWorker({ url, tasks, name, signals: false }))
  }

  beforeAll(async () => {
    const broker = stack.use(await startBroker('artemis', { env: { AS_CREATED: '1' } }))
    stompUrl = broker.stompUrl
    const bridge = stack.use(await startBridge({ broker: stompUrl }))
    bridgeUrl = `${bridge.url.replace('http://', 'ws://foo:bar@')}/stomp`
    await startOne('direct', stompUrl)
    await startOne('bridged', bridgeUrl)
  })
  afterAll(() => stack.disposeAsync())

  test.for(['direct', 'bridged'])('a %s master: each queued job runs once, a broadcast on both', async from => {
    await using master = await startMaster({ url: from === 'direct' ? stompUrl : bridgeUrl })
    const numbers = Array.from({ length: 8 }, (_, index) => `${from} ${index}`)
    const jobs = numbers.map(number => master.dispatch('made.count', number, { timeoutMs: 20_000 }))
    const outcomes = await Promise.all(jobs.map(job => job.outcome))
    expect(outcomes.map(({ type }) => type)).toEqual(numbers.map(() => 'result'))
    expect(
      runs
        .filter(run => run.includes(` ${from} `))
        .map(run => run.replace(/^\w+ /, ''))
        .sort(),
    ).toEqual(numbers)
    await until('both are known', () => master.workers.size === 2)
    const broadcast = await master.broadcast('made.count', 'all', { until: 'everyone', timeoutMs: 10_000 }).done
    expect([broadcast.outcomes.map(({ type }) => type), broadcast.missing]).toEqual([['result', 'result'], []])
  })

  test('3 MiB of broadcasts come to both, beside 1 MiB of queued jobs', async () => {
    await using master = await startMaster({ url: stompUrl })
    master.watch('made.count')
    await until('both are known', () => master.workers.size === 2)
    const text = 'x'.repeat(60_000)
    const options = { until: 'everyone', timeoutMs: 20_000 } as const
    const jobs = Array.from({ length: 20 }, () => master.dispatch('made.count', text, { timeoutMs: 20_000 }))
    const broadcasts = Array.from({ length: 50 }, () => master.broadcast('made.count', text, options).done)
    const heard = (await Promise.all(broadcasts)).map(({ outcomes, missing }) => [outcomes.length, missing.length])
    expect(heard).toEqual(broadcasts.map(() => [2, 0]))
    expect((await Promise.all(jobs.map(job => job.outcome))).filter(({ type }) => type !== 'result')).toEqual([])
  })

  test('a cancel reaches the run, and a job that failed for good lies in the dead queue once', async () => {
    await using master = await startMaster({ url: stompUrl })
    const waiting = master.dispatch('made.waits', {}, { timeoutMs: 20_000 })
    await until('it runs', () => runs.some(run => run.endsWith(' waits')))
    waiting.cancel('enough')
    expect((await waiting.outcome).type).toBe('cancelled')
    const failing = master.dispatch('made.fails', {}, { timeoutMs: 20_000 })
    expect((await failing.outcome).type).toBe('error')
    await using operator = await connectRaw(stompUrl, { 'accept-version': '1.1' })
    await operator.subscribe('/queue/myapp.dead', { 'subscription-type': 'ANYCAST' })
    expect(JSON.parse((await operator.next()).body)).toMatchObject({ request_id: failing.request_id })
    await operator.confirmed('SEND', { destination: '/queue/myapp.dead', 'destination-type': 'ANYCAST' }, 'fence')
    expect((await operator.next()).body).toBe('fence')
  })
})
