import { expect, test } from 'vitest'
import * as z from 'zod'
import { defineTask } from '../../shared/contract/mod.ts'
import { implement } from '../implement.ts'
import { fakeRuntime, fakeStomp } from '../testing.ts'
import { createWorker } from '../worker.ts'

test('a job that a draining worker gives back says so, and is not delayed: Classic can lose jobs that it delays', async () => {
  const stomp = fakeStomp()
  const gate = Promise.withResolvers<void>()
  const worker = await createWorker(
    { url: 'stomp://localhost', tasks: [implement(defineTask('a', { input: z.unknown() }), () => gate.promise)] },
    fakeRuntime(stomp),
  )
  const deliver = (request_id: string): void => {
    const body = JSON.stringify({ v: 1, request_id, task: 'a', input: 1, attempt: 1, losses: 0 })
    const headers = { 'correlation-id': request_id, 'reply-to': '/queue/myapp.reply' }
    stomp.readers.get('/queue/myapp.tasks.a')!({ headers, body, destination: '/queue/myapp.tasks.a', ack() {} })
  }
  deliver(crypto.randomUUID())
  const left = worker.drain()
  const waited = crypto.randomUUID()
  deliver(waited)
  gate.resolve()
  await left
  const [again, ...more] = stomp.sent.filter(({ destination }) => destination === '/queue/myapp.tasks.a')
  expect(more).toEqual([])
  expect(again!.headers).not.toHaveProperty('AMQ_SCHEDULED_DELAY')
  expect(JSON.parse(again!.body)).toMatchObject({ request_id: waited, handed_back: true })
})
