/** A job that is tried again has its place in a task queue that is full. Promise 1. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { openPeer } from '../../../broker/testing.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../../worker/node.ts'
import { startEmbedded } from '../../support/brokers/embedded.ts'
import { until } from '../../support/until.ts'

const flaky = defineTask('full.flaky', { input: z.object({}), output: z.string(), attempts: 3, retryDelayMs: 1 })

test('jobs that fail in a full task queue have all their attempts, and the session goes on', async () => {
  await using stack = new AsyncDisposableStack()
  const { broker, url } = stack.use(await startEmbedded({ limits: { maxQueueMessages: 6 } }))
  const destination = `/queue/myapp.tasks.${flaky.name}`
  const headers = { destination, 'reply-to': '/queue/myapp.reply', persistent: 'true' }
  const master = await openPeer(broker)
  const job = () => JSON.stringify({ request_id: crypto.randomUUID(), task: flaky.name, input: {} })
  for (let at = 0; at < 6; at++) await master.confirmed('SEND', headers, job())
  await expect((await openPeer(broker)).confirmed('SEND', headers, job()), 'it is full').rejects.toThrow(/limit is 6/)
  const events: WorkerEvent[] = []
  const runs: string[] = []
  stack.use(
    await startWorker({
      url,
      signals: false,
      onEvent: event => void events.push(event),
      tasks: [
        implement(flaky, async (_, { request_id, attempt }) => {
          runs.push(`${request_id} ${attempt}`)
          throw new Error('as always')
        }),
      ],
    }),
  )
  await until('each was tried three times', () => runs.length === 18, { evidence: () => JSON.stringify(events) })
  expect(new Set(runs).size, 'no attempt twice').toBe(18)
  const opened = events.filter(event => event.type === 'connection' && event.state.at === 'open')
  expect(opened, 'connections of the worker').toHaveLength(1)
})
