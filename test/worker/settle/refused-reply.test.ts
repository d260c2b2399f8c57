/**
 * A job asks for replies where its worker's login may not write. The broker ends the session over them, and with it goes the dead
 * letter that was to stand in: it goes with the job's next delivery. Promise 1.
 */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { openPeer, take, textOf } from '../../../broker/testing.ts'
import { defaultUsers } from '../../../broker/users.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../../worker/node.ts'
import { startEmbedded } from '../../support/brokers/embedded.ts'

const task = defineTask('refused.echo', { input: z.string(), output: z.string() })

test('a job whose outcome the broker refuses each time goes to dead with the reason, and its worker goes on', async () => {
  await using stack = new AsyncDisposableStack()
  const kinds = ['tasks', 'control', 'workers', 'events'].map(kind => `myapp.${kind}.>`)
  const allow = [...kinds, 'myapp.dead', 'myapp.reply.foo.ours']
  const users = [...defaultUsers, { login: 'worker', passcode: 'secret', allow }]
  const { broker, port } = stack.use(await startEmbedded({ users }))
  const events: WorkerEvent[] = []
  const runs: string[] = []
  stack.use(
    await startWorker({
      url: `stomp://worker:secret@127.0.0.1:${port}`,
      signals: false,
      onEvent: event => void events.push(event),
      tasks: [
        implement(task, input => {
          runs.push(input)
          return input
        }),
      ],
    }),
  )
  const master = await openPeer(broker)
  for (const name of ['dead', 'reply.foo.ours'])
    master.send('SUBSCRIBE', { id: name, destination: `/queue/myapp.${name}` })
  const [theirs, ours] = [crypto.randomUUID(), crypto.randomUUID()]
  const send = (request_id: string, replyTo: string): Promise<unknown> => {
    const headers = { destination: `/queue/myapp.tasks.${task.name}`, 'reply-to': replyTo, persistent: 'true' }
    return master.confirmed('SEND', headers, JSON.stringify({ request_id, task: task.name, input: request_id }))
  }
  await send(theirs, '/queue/myapp.reply.ada.theirs')
  const [letter] = await take(master, 1)
  expect(JSON.parse(textOf(letter!))).toMatchObject({
    request_id: theirs,
    error: { code: 'forbidden', message: expect.stringContaining('may not send to /queue/myapp.reply.ada.theirs') },
  })
  await send(ours, '/queue/myapp.reply.foo.ours')
  const replies = (await take(master, 2)).map(frame => JSON.parse(textOf(frame)))
  expect(replies).toMatchObject([{ type: 'accepted' }, { type: 'result', request_id: ours, output: ours }])
  expect(runs).toEqual([theirs, ours])
  // Over a reply on the way, the outcome among others, and the outcome alone
  const ended = events.filter(event => event.type === 'connection' && event.state.at === 'waiting')
  expect(ended.length, 'ended sessions').toBeLessThanOrEqual(3)
})
