/** Jobs that rested leave a worker nothing by which it later takes jobs that others could begin. Promise 6. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { defineTask, implement, startWorker, type Worker } from '../../../worker/node.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'

test('a worker with its slot taken takes no job from one that comes later, however many jobs rested with it', async () => {
  const { stompUrl } = await sharedBroker('classic')
  const namespace = unique('rested')
  await using master = await scriptMaster(stompUrl, namespace, [])
  const flaky = defineTask('rested.flaky', { input: z.string(), attempts: 2, retryDelayMs: 50 })
  const held = defineTask('rested.held', { input: z.string() })
  const gate = Promise.withResolvers<void>()
  const runs: string[] = []
  const told: string[] = []
  const start = (name: string, concurrency: number): Promise<Worker> =>
    startWorker({
      url: stompUrl,
      namespace,
      concurrency,
      signals: false,
      tasks: [
        implement(flaky, (_, job) => {
          if (job.attempt === 1) throw new Error('the first attempt fails')
        }),
        implement(held, async () => {
          runs.push(name)
          await gate.promise
        }),
      ],
      onEvent: event => void (event.type === 'job' && told.push(`${name} ${event.what}`)),
    })
  await using _first = await start('first', 1)
  const rested = await Promise.all(Array.from({ length: 12 }, () => master.send(flaky.name, 'x')))
  for (const id of rested) await master.outcome(id)
  const all = [await master.send(held.name, 'x')]
  await until('the first worker has its slot taken', () => runs.length === 1)
  for (let n = 0; n < 3; n++) all.push(await master.send(held.name, 'x'))
  await using _second = await start('second', 3)
  await until('every slot works', () => runs.length === 4, { evidence: () => told.join('\n') })
  gate.resolve()
  for (const id of all) await master.outcome(id)
  expect(runs).toEqual(['first', 'second', 'second', 'second'])
  expect(told.filter(line => line.endsWith('given_back'))).toEqual([])
})
