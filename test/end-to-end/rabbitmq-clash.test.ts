/** Queues as RabbitMQ refuses them: one that was made with an argument, and one that a SEND would have for itself. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { connectRaw } from '../support/raw-stomp.ts'
import { scriptMaster } from '../support/scripted-master.ts'
import { within } from '../support/until.ts'

const said = (event: WorkerEvent): string =>
  event.type === 'connection' && 'reason' in event.state ? String(event.state.reason) : JSON.stringify(event)

test.skipIf(readPrepared().rabbitmq !== undefined)(
  'a queue made otherwise: worker and master are told once',
  async () => {
    const { stompUrl: url } = await sharedBroker('rabbitmq')
    const namespace = unique('clash')
    await using operator = await connectRaw(url)
    await operator.subscribe(`/queue/${namespace}.tasks.clash.echo`, { 'x-max-priority': '10' })
    const problem = { code: 'config_invalid', message: expect.stringMatching(/x-max-priority.*delete it/s) }
    const events: WorkerEvent[] = []
    const worker = startWorker({
      url,
      namespace,
      tasks: [implement(defineTask('clash.echo', { input: z.unknown() }), () => 'done')],
      signals: false,
      onEvent: event => void events.push(event),
    })
    await expect(within('the worker gives up', worker)).rejects.toMatchObject(problem)
    const told = events.filter(event => /x-max-priority.*delete it/s.test(JSON.stringify(said(event))))
    expect(told).toEqual([]) // `start` rejects with it the one time
    await using master = await startMaster({ url, namespace })
    let ends = 0
    let was = master.connection.at
    master.onChange(() => {
      if (was === 'open' && master.connection.at !== 'open') ends++
      was = master.connection.at
    })
    const outcome = await within('the job ends', master.dispatch('clash.echo', 1, { timeoutMs: 1_200_000 }).outcome)
    expect(outcome).toMatchObject({ type: 'error', error: problem })
    expect(ends).toBe(1) // RabbitMQ ends the session with its ERROR
  },
)

test.skipIf(readPrepared().rabbitmq !== undefined)(
  'news to the shared reply queue, which are not persistent, end no connection',
  async () => {
    const { stompUrl: url } = await sharedBroker('rabbitmq')
    const namespace = unique('shared')
    await using master = await scriptMaster(url, namespace, [])
    const told: string[] = []
    await using _worker = await startWorker({
      url,
      namespace,
      tasks: [implement(defineTask('shared.echo', { input: z.unknown() }), (_, job) => job.progress(50))],
      signals: false,
      onEvent: event => void (event.type === 'connection' && told.push(said(event))),
    })
    for (let n = 0; n < 2; n++) {
      const id = await master.send('shared.echo', n)
      expect(await master.outcome(id)).toMatchObject({ type: 'result' })
      expect(master.of(id).map(({ type }) => type)).toEqual(['accepted', 'progress', 'result'])
    }
    expect(told).toHaveLength(1)
  },
)
