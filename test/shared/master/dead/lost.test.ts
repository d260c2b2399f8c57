/** The losses of a job stand in its history, also when it was published again in between. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { startMaster } from '../../../../shared/master/node.ts'
import { destinationsOf } from '../../../../shared/stomp/mod.ts'
import { defineTask, implement, startWorker } from '../../../../worker/node.ts'
import { sharedBroker, unique } from '../../../support/brokers/shared.ts'
import { openSession } from '../../../support/plain-session.ts'
import { until } from '../../../support/until.ts'

const task = defineTask('lose.it', { input: z.string(), attempts: 2, retryDelayMs: 0 })

test('losses are in the history of a dead job, and of one that failed after them', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const namespace = unique('lost')
  await using stack = new AsyncDisposableStack()
  const to = destinationsOf(namespace)
  // Jobs that a reader was handed who dies
  const dying = await openSession(stompUrl, namespace)
  let handed = 0
  const headers = () => ({ 'prefetch-count': '2' })
  await dying.stomp.subscribe({ destination: to.queue(task.name), headers }, () => void handed++).ready
  const { stomp } = await openSession(stompUrl, namespace)
  stack.use(stomp)
  const send = (body: object) =>
    stomp.publish({
      destination: to.queue(task.name),
      headers: { persistent: 'true' },
      body: JSON.stringify({ task: task.name, input: 'x', ...body }),
    })
  const [lost, failed] = [crypto.randomUUID(), crypto.randomUUID()]
  await send({ request_id: lost, losses: 4, alone: 2 })
  await send({ request_id: failed })
  await until('the jobs are in hand', () => handed === 2)
  dying.kill()
  const run = implement(task, () => {
    throw new Error('no')
  })
  stack.use(await startWorker({ url: stompUrl, namespace, name: 'box', tasks: [run], signals: false }))
  const master = stack.use(await startMaster({ url: stompUrl, namespace }))
  const letterOf = (id: string) => until(`${id} is dead`, async () => await master.dead.show(id))
  const [first, second] = [await letterOf(lost), await letterOf(failed)]
  expect(first.error?.code).toBe('job_dead')
  expect(first.history).toMatchObject([{ kind: 'lost', attempt: 1, name: 'box' }])
  expect(second.history.map(({ kind, attempt }) => `${kind} ${attempt}`)).toEqual(['lost 1', 'failed 1', 'failed 2'])
  // A retry begins anew: it does not run by itself
  const { done } = await master.dead.retry({ id: lost })
  expect(done).toMatchObject([{ request_id: lost }])
  const again = await until('it is dead again', async () => {
    const letter = await master.dead.show(lost)
    return letter?.retried === undefined ? undefined : letter
  })
  expect(JSON.parse(again.body)).toMatchObject({ attempt: 2 })
  expect(JSON.parse(again.body)).not.toHaveProperty('alone')
})
