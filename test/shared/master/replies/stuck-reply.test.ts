/** A reply that cannot be stored is not acknowledged. Where an ACK is also one of those before it, it keeps no others all the same. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { memoryStorage } from '../../../../shared/master/mod.ts'
import { startMaster } from '../../../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../../../worker/node.ts'
import { sharedBroker, unique } from '../../../support/brokers/shared.ts'
import { until } from '../../../support/until.ts'

test('more jobs than a master is handed at a time end while the outcome of one cannot be stored', async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const namespace = unique('stuck')
  const kept = memoryStorage()
  let isFull = true
  let refusals = 0
  const storage = {
    ...kept,
    write: async (changes: Parameters<typeof kept.write>[0]) => {
      const unstored = changes.put.filter(job => isFull && job.input === 0 && job.phase.at === 'ended')
      refusals += unstored.length
      await kept.write({ ...changes, put: changes.put.filter(job => !unstored.includes(job)) })
      return unstored.map(({ request_id }) => ({ request_id, cause: new Error('no room for this one') }))
    },
  }
  const task = defineTask('stuck.echo', { input: z.int(), output: z.int() })
  await using _worker = await startWorker({ url, namespace, signals: false, tasks: [implement(task, n => n)] })
  await using master = await startMaster({ url, namespace, storage })
  const stuck = master.dispatch(task, 0)
  await until('storing the outcome of the first is refused', () => refusals > 0)
  const outputs = await Promise.all(Array.from({ length: 300 }, (_, n) => master.run(task, n + 1)))
  expect(outputs.at(-1)).toBe(300)
  isFull = false
  expect(await stuck.outcome).toMatchObject({ type: 'result', output: 0 })
  await until('nothing is wrong with storage', () => master.storageProblem === undefined)
})
