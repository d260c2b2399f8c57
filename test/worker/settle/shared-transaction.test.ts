/** Many jobs end at once, in transactions that they share, and one outcome may not be sent. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { listenTcp } from '../../../bridge/node/tcp.ts'
import { createEmbeddedBroker } from '../../../broker/mod.ts'
import { defineTask, implement, startWorker } from '../../../worker/node.ts'
import { scriptMaster } from '../../support/scripted-master.ts'

const jobs = 40

test('an outcome among many that is refused keeps none of the others from its master, and none runs again', async () => {
  const passcode = 'bar'
  const some = ['tasks.>', 'control.>', 'workers.>', 'events.>', 'dead', 'reply']
  const broker = createEmbeddedBroker({
    users: [
      { login: 'foo', passcode, allow: ['myapp.>'] },
      { login: 'worker', passcode, allow: some.map(name => `myapp.${name}`) },
    ],
  })
  await using stack = new AsyncDisposableStack()
  stack.defer(() => broker.close())
  const { port } = stack.adopt(await listenTcp({ port: 0, accept: broker.accept }), listener => listener.close())
  const url = `stomp://foo:bar@127.0.0.1:${port}`
  const master = stack.use(await scriptMaster(url, 'myapp', []))
  const task = defineTask('shared.end', { input: z.string(), output: z.string() })
  stack.use(
    await startWorker({
      url: `stomp://worker:bar@127.0.0.1:${port}`,
      concurrency: 10,
      signals: false,
      tasks: [implement(task, input => input)],
    }),
  )
  const good = Array.from({ length: jobs }, (_, at) => `job ${at}`)
  const sent = good.map(input => master.send(task.name, input, { headers: { 'reply-to': '/queue/myapp.reply' } }))
  await master.send(task.name, 'bad', { headers: { 'reply-to': '/queue/myapp.reply.foo.b' } })
  const outcomes = await Promise.all(sent.map(async id => await master.outcome(await id)))
  expect(outcomes.map(one => (one.type === 'result' ? one.output : one))).toEqual(good)
  const ended = master.replies.filter(({ type }) => type === 'result')
  expect(new Set(ended.map(({ request_id, seq }) => `${request_id} ${seq}`)).size).toBe(jobs)
  expect(master.dead).toEqual([])
})
