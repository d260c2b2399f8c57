/** The limits that a worker has of its own, as a master knows them by presence. */
import { startMaster } from 'drover/master'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { parsePresence } from '../../../shared/contract/mod.ts'
import { defineTask, implement, startWorker } from '../../../worker/node.ts'
import { setUpEmbedded } from '../../support/brokers/embedded.ts'
import { until } from '../../support/until.ts'

const broker = setUpEmbedded()
const input = z.unknown()

test('a master knows time, attempts, concurrency and rate of each task, as its worker announced them', async () => {
  const bounded = defineTask('limits.bounded', { input, timeoutMs: 30_000, attempts: 3 })
  const tasks = [
    implement(bounded, () => 1, { concurrency: 2, rate: { jobs: 10, perMs: 1_000 } }),
    implement(defineTask('limits.none', { input }), () => 1),
  ]
  await using worker = await startWorker({ url: broker.url, tasks, concurrency: 4, signals: false })
  await using master = await startMaster({ url: broker.url })
  for (const { task } of tasks) master.watch(task.name)
  const limits = { timeout_ms: 30_000, attempts: 3, task_concurrency: 2, task_rate: { jobs: 10, per_ms: 1_000 } }
  // Its first words to this master may be a beat
  await until('it has announced itself', () => master.workers.get(worker.worker_id)?.limits !== undefined)
  await until('both tasks are known', () => master.tasks.filter(({ workers }) => workers === 1).length === 2)
  expect(master.tasks.find(({ task }) => task === 'limits.bounded')?.limits).toEqual(limits)
  expect(master.tasks.find(({ task }) => task === 'limits.none')).not.toHaveProperty('limits')
  expect(master.workers.get(worker.worker_id)).toMatchObject({
    concurrency: 4,
    limits: new Map([['limits.bounded', limits]]),
  })
})

test('a limit that cannot be read is left out, and the worker heard', () => {
  const counts = { concurrency: 1, active: 0, processed: 0, failed: 0, at: 0, interval_ms: 1, started_at: 0 }
  const words = { type: 'announce', worker_id: 'w', name: 'w', state: 'idle', task: 'a', ...counts }
  const said = parsePresence(
    JSON.stringify({ ...words, timeout_ms: '1', attempts: -1, task_concurrency: 2, task_rate: { jobs: 1 } }),
  )
  expect(said).toMatchObject({ worker_id: 'w', task_concurrency: 2 })
  expect([said]).not.toEqual([expect.objectContaining({ attempts: expect.anything() })])
})
