/**
 * An Artemis whose acceptor has `anycastPrefix` and `multicastPrefix`, as many give it for STOMP: a queue and a topic of one
 * name are one address then, whose topic readers are handed the queue's messages. Jobs of a queue still run once each, and
 * who cannot hear broadcasts says so.
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

describe.skipIf(readPrepared().artemis !== undefined)('Artemis with prefixes', () => {
  const stack = new AsyncDisposableStack()
  const workers: Worker[] = []
  const runs: string[] = []
  const problems: string[] = []
  let stompUrl = ''

  beforeAll(async () => {
    const env = { AS_CREATED: '1', ACCEPTOR: ';anycastPrefix=/queue/;multicastPrefix=/topic/' }
    stompUrl = stack.use(await startBroker('artemis', { env })).stompUrl
    const bridge = stack.use(await startBridge({ broker: stompUrl }))
    const urls = { direct: stompUrl, bridged: `${bridge.url.replace('http://', 'ws://foo:bar@')}/stomp` }
    for (const [name, url] of Object.entries(urls)) {
      const count = implement(defineTask('mixed.count', { input: z.string() }), input => {
        runs.push(input)
        return name
      })
      const onEvent = (event: { type: string; message?: string }): void => {
        if (event.type === 'problem') problems.push(event.message ?? '')
      }
      workers.push(stack.use(await startWorker({ url, tasks: [count], name, signals: false, onEvent })))
    }
  })
  afterAll(() => stack.disposeAsync())

  test('each queued job runs once, and nothing of it is dropped', async () => {
    await using master = await startMaster({ url: stompUrl })
    const inputs = Array.from({ length: 20 }, (_, index) => `job ${index}`)
    const jobs = inputs.map(input => master.dispatch('mixed.count', input, { timeoutMs: 20_000 }))
    const outcomes = await Promise.all(jobs.map(job => job.outcome))
    expect(outcomes.map(({ type }) => type)).toEqual(inputs.map(() => 'result'))
    expect(runs.toSorted()).toEqual(inputs.toSorted())
    expect(workers.map(({ stats }) => stats.dropped)).toEqual([0, 0])
  })

  test('so does one of a plain program, which names the queue by the prefix alone', async () => {
    await using program = await connectRaw(stompUrl, { 'accept-version': '1.1' })
    await program.subscribe('/queue/myapp.reply', { ack: 'auto' })
    const request_id = crypto.randomUUID()
    const job = { request_id, task: 'mixed.count', input: 'plain' }
    await program.confirmed('SEND', { destination: '/queue/myapp.tasks.mixed.count' }, JSON.stringify(job))
    const isResult = (body: string): boolean => body.includes(request_id) && body.includes('"type":"result"')
    while (!isResult((await program.next()).body));
    expect(runs.filter(input => input === 'plain')).toHaveLength(1)
  })

  test('a broadcast names who cannot hear it, and that one has said which setting is to go', async () => {
    await using master = await startMaster({ url: stompUrl })
    master.watch('mixed.count')
    // A worker that is first heard of after a broadcast left is sent it again by another way, and hears it
    const announced = () => [...master.workers.values()].filter(({ connection }) => connection !== undefined)
    await until('both have announced themselves', () => announced().length === 2)
    const broadcast = await master.broadcast('mixed.count', 'all', { until: 'everyone', timeoutMs: 2_000 }).done
    const deaf = broadcast.missing.length
    expect({ heard: broadcast.outcomes.length + deaf, isAnyDeaf: deaf > 0 }).toEqual({ heard: 2, isAnyDeaf: true })
    expect(problems).toHaveLength(deaf)
    for (const problem of problems) {
      expect(problem).toContain('takes no more broadcasts of "mixed.count". Take out anycastPrefix and multicastPrefix')
    }
  })
})
