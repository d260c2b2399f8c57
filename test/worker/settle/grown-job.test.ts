/**
 * A job that grows with its `attempt` past the broker's limit ends the connection each time that it is sent on: its end
 * says so.
 */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { defineTask, implement, startWorker } from '../../../worker/node.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { scriptMaster } from '../../support/scripted-master.ts'

test('job_dead tells how often the connection ended as the job was sent on, and how large it is', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const namespace = unique('grown')
  await using master = await scriptMaster(stompUrl, namespace, [])
  await using proxy = await startFaultProxy(stompUrl)
  // As a broker that takes the job as it came, and not the one that is longer by an attempt
  const isGone = (async () => {
    // Two losses may be those of its neighbours, the third is its own
    for (let loss = 0; loss < 3; loss++) await proxy.cutOn('up', '"attempt":2')
  })()
  const task = defineTask('grown.job', { input: z.string(), attempts: 2, losses: 1, retryDelayMs: 0 })
  const implementation = implement(task, () => {
    throw new Error('always')
  })
  await using _worker = await startWorker({
    url: proxy.through(stompUrl),
    namespace,
    tasks: [implementation],
    signals: false,
  })
  const id = await master.send(task.name, 'x'.repeat(20_000))
  await isGone
  const outcome = await master.outcome(id)
  expect(outcome).toMatchObject({ type: 'error', error: { code: 'job_dead' } })
  expect(JSON.stringify(outcome)).toMatch(
    /lost its worker 3 times .* connection ended 3 times as this worker sent the job on, with a body of 20\d\d\d bytes.*: \w+/,
  )
})
