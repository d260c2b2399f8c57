/**
 * RabbitMQ takes back a delivery that a worker has held for longer than `consumer_timeout`, here 2 s. The worker has said
 * so at its start. A job that comes back to it goes on, a job that another worker is handed is one loss, and neither goes
 * to dead. A job that waits for longer than that for its next attempt is not held for so long.
 */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../worker/node.ts'
import { startBroker } from '../support/brokers/start.ts'
import { until, within } from '../support/until.ts'

const isOfJob = (what: string) => (event: WorkerEvent) => event.type === 'job' && event.what === what

test.skipIf(readPrepared().rabbitmq !== undefined)('a job that RabbitMQ takes back ends as a result', async () => {
  await using broker = await startBroker('rabbitmq', { env: { CONSUMERTIMEOUT: '2000', CHANNELTICK: '200' } })
  const { stompUrl: url } = broker
  const events: WorkerEvent[] = []
  const evidence = () => events.map(event => JSON.stringify(event)).join('\n')
  const runs: string[] = []
  const isTakenBack = Promise.withResolvers<void>()
  const start = (name: string, ...tasks: string[]) =>
    startWorker({
      url,
      name,
      concurrency: 2,
      signals: false,
      onEvent: event => void events.push(event),
      tasks: tasks.map(task =>
        implement(defineTask(task, { input: z.unknown() }), async () => {
          runs.push(`${task} ${name}`)
          if (!task.endsWith('quick')) await isTakenBack.promise
          return name
        }),
      ),
    })
  await using _one = await start('one', 'back.alone', 'back.quick', 'back.shared')
  const waits = defineTask('back.waits', {
    input: z.unknown(),
    attempts: 2,
    backoff: { type: 'fixed', delayMs: 4_500 },
  })
  const told: string[] = []
  const starts: [attempt: number, losses: number][] = []
  await using _patient = await startWorker({
    url,
    name: 'patient',
    signals: false,
    limits: { longestRestMs: 900 },
    onEvent: event => void told.push(event.type === 'job' ? event.what : event.type === 'problem' ? 'problem' : ''),
    tasks: [
      implement(waits, (_, { attempt, losses }) => {
        starts.push([attempt, losses])
        if (attempt === 1) throw new Error('the first attempt fails')
      }),
    ],
  })
  await using master = await startMaster({ url })
  const waiting = master.dispatch(waits, 0)
  const running = async (task: string) => {
    const job = master.dispatch(task, 0)
    await until('the job runs', () => job.snapshot.phase.at === 'running', { evidence })
    return job
  }
  const alone = await running('back.alone')
  const shared = await running('back.shared')
  await using _two = await start('two', 'back.shared')
  await until(
    'one gets its job back, and two the other',
    () => [isOfJob('taken_over'), isOfJob('lost')].every(isSo => events.some(isSo)),
    { evidence },
  )
  isTakenBack.resolve()
  const quick = master.dispatch('back.quick', 0)
  for (const job of [alone, shared, quick]) {
    expect(await within('the job ends', job.outcome, { evidence })).toMatchObject({ type: 'result' })
  }
  expect(runs.filter(run => !run.startsWith('back.shared'))).toEqual(['back.alone one', 'back.quick one'])
  expect(runs.filter(run => run === 'back.shared one')).toHaveLength(1)
  expect(events.filter(isOfJob('dead'))).toEqual([])
  const problems = events.flatMap(event => (event.type === 'problem' ? [event.message] : []))
  expect(problems[0]).toMatch(/"back\.alone".* may run longer: raise its consumer_timeout/)
  const reasons = events.flatMap(event =>
    event.type === 'connection' && event.state.at === 'waiting' ? [event.state.reason.message] : [],
  )
  expect(reasons[0]).toContain('Timeout value used: 2000 ms')
  expect(await within('the job that waited ends', waiting.outcome, { evidence })).toMatchObject({ type: 'result' })
  expect(starts).toEqual([
    [1, 0],
    [2, 0],
  ])
  expect(told.filter(what => what === 'resting').length).toBeGreaterThanOrEqual(4)
  expect(told.filter(what => what === 'lost')).toEqual([])
})
