/** ActiveMQ Classic without a scheduler, as it is shipped: it delays nothing, and a worker does not need it to. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../worker/node.ts'
import { startBroker } from '../support/brokers/start.ts'
import { until, within } from '../support/until.ts'

test.skipIf(readPrepared().classic !== undefined)(
  'retries come after 1 and 2 s, and a drain loses nothing',
  async () => {
    await using broker = await startBroker('classic', { env: { SCHEDULER: 'false' } })
    const { stompUrl: url } = broker
    const began: number[] = []
    const problems: string[] = []
    const flaky = implement(defineTask('bare.flaky', { input: z.unknown(), attempts: 3 }), (_, job) => {
      began.push(performance.now())
      if (job.attempt < 3) throw new Error('not yet')
      return job.attempt
    })
    const gate = Promise.withResolvers<void>()
    const slow = implement(defineTask('bare.slow', { input: z.number() }), async input => {
      await gate.promise
      return input
    })
    const onEvent = (event: WorkerEvent): void => {
      if (event.type === 'problem') problems.push(event.message)
    }
    const start = () => startWorker({ url, tasks: [flaky, slow], concurrency: 2, signals: false, onEvent })
    const leaving = await start()
    await using master = await startMaster({ url })
    const outcome = await within('the third attempt ends', master.dispatch('bare.flaky', 1).outcome)
    expect(outcome).toMatchObject({ type: 'result', output: 3 })
    const [first = 0, second = 0, third = 0] = began
    expect(second - first).toBeGreaterThan(950)
    expect(third - second).toBeGreaterThan(1950)

    const jobs = Array.from({ length: 12 }, (_, number) => master.dispatch('bare.slow', number))
    await until('two run', () => jobs.filter(job => job.snapshot.phase.at === 'running').length === 2)
    const left = leaving.drain()
    gate.resolve()
    await within('the worker has left', left)
    await using _ = await start()
    const outcomes = await within('every job ends', Promise.all(jobs.map(job => job.outcome)))
    expect(outcomes).toEqual(jobs.map((_, number) => expect.objectContaining({ type: 'result', output: number })))
    expect(problems).toEqual([])
  },
)
