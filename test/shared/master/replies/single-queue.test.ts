/** `replyQueue: 'single'`: a master on `{ns}.reply`, where programs of the original kind answer. Design section 2. */
import { expect, test } from 'vitest'
import { memoryStorage, startMaster } from '../../../../shared/master/node.ts'
import { connectStomp } from '../../../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../../../shared/stomp/sockets/node.ts'
import { startBridge, tokenFor } from '../../../support/bridges/bridges.ts'
import { setUpEmbedded } from '../../../support/brokers/embedded.ts'
import { newTask, scriptWorker } from '../../../support/scripted-worker.ts'
import { until } from '../../../support/until.ts'

const single = '/queue/myapp.reply'

const broker = setUpEmbedded()

/** Sends a body to the shared reply queue, as somebody who knows no `reply-to`. */
async function answer(body: unknown): Promise<void> {
  await using stomp = connectStomp({ url: broker.url, createSocket: createNodeSocket })
  await stomp.opened()
  await stomp.publish({ destination: single, body: JSON.stringify(body) })
}

test('it asks to be answered there, and takes the least reply, which does not say who it is from', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: broker.url, replyQueue: 'single' })
  const job = master.dispatch(task, 1)
  const { message } = await worker.next()
  expect(message.headers['reply-to']).toBe(single)
  await answer({ request_id: job.request_id, type: 'progress', percent: 50 })
  await answer({ request_id: job.request_id, type: 'result', output: 2 })
  expect(await job.outcome).toMatchObject({ type: 'result', output: 2 })
  message.ack()
})

test('a broadcast is answered there by each worker', async () => {
  const task = newTask()
  const script = { url: broker.url, task, onJob: echo }
  await using _one = await scriptWorker({ ...script, workerId: 'w1' })
  await using _two = await scriptWorker({ ...script, workerId: 'w2' })
  await using master = await startMaster({ url: broker.url, replyQueue: 'single' })
  const done = await master.broadcast(task, 'hello').done
  expect(done).toMatchObject({ type: 'answered', missing: [] })
  expect(done.type === 'answered' && done.outcomes.map(({ worker_id }) => worker_id).sort()).toEqual(['w1', 'w2'])
})

test('replies of its absence are there when it comes back, and those about other jobs are taken and counted', async () => {
  const task = newTask()
  const storage = memoryStorage()
  const first = await startMaster({ url: broker.url, replyQueue: 'single', storage })
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  const job = first.dispatch(task, 1)
  await job.sent
  const delivery = await worker.next()
  await first[Symbol.asyncDispose]()
  await delivery.reply({ type: 'result', output: 'while away' })
  await answer({ request_id: crypto.randomUUID(), type: 'result', output: 'of somebody else' })
  await using second = await startMaster({ url: broker.url, replyQueue: 'single', storage })
  const kept = second.job(job.request_id)
  expect(kept?.mode === 'queue' && (await kept.outcome)).toMatchObject({ type: 'result', output: 'while away' })
  await until('the reply is counted', () => second.discards.unknown_job === 1)
})

test('behind a bridge a token does not reach it, which is said, and a user of the bridge may read it', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const url = `${bridge.url.replace('http', 'ws')}/stomp`
  const token = await tokenFor('ada', { dispatch: ['*'] })
  await expect(startMaster({ url, token: () => token, replyQueue: 'single' })).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining(single),
  })
  const task = newTask()
  await using _worker = await scriptWorker({
    url: bridge.stompUrl?.replace('://', '://foo:bar@') ?? '',
    task,
    workerId: 'w1',
    onJob: echo,
  })
  await using master = await startMaster({ url: url.replace('://', '://foo:bar@'), replyQueue: 'single' })
  expect(await master.run(task, 'hello')).toBe('hello')
})

function echo({ job, reply }: Parameters<NonNullable<Parameters<typeof scriptWorker>[0]['onJob']>>[0]): void {
  void reply({ type: 'result', output: job.input })
}
