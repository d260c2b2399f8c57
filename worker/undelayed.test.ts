import { expect, test } from 'vitest'
import * as z from 'zod'
import { systemClock } from '../shared/clock.ts'
import { defineTask } from '../shared/contract/mod.ts'
import type { Incoming } from '../shared/stomp/mod.ts'
import { implement } from './implement.ts'
import { fakeStomp } from './testing.ts'
import { createWorker } from './worker.ts'

test.for([
  ['at once', 40, [expect.stringContaining('schedulerSupport="true" in the broker element')]],
  ['after its delay', 500, []],
] as const)('a job that was given back with a delay and comes %s', async ([, afterMs, said]) => {
  const stomp = fakeStomp()
  let take: (message: Incoming) => void = () => {}
  stomp.subscribe = ({ destination }, onMessage) => {
    if (destination.startsWith('/queue/')) take = onMessage
    return { ready: Promise.resolve(), unsubscribe: async () => {} }
  }
  let now = 1_000_000
  const problems: string[] = []
  const gate = Promise.withResolvers<void>()
  const worker = await createWorker(
    {
      url: 'stomp://localhost',
      tasks: [implement(defineTask('a', { input: z.unknown() }), () => gate.promise)],
      clock: { ...systemClock, steady: () => now },
      onEvent: event => event.type === 'problem' && problems.push(event.message),
    },
    {
      host: 'box',
      version: 'node 24',
      connect: () => stomp,
      onShutdown: () => () => {},
      written: async () => {},
      onStrayError: () => () => {},
    },
  )
  const deliver = (request_id: string): void => {
    const body = JSON.stringify({ v: 1, request_id, task: 'a', input: 1, attempt: 1, losses: 0 })
    const headers = { 'correlation-id': request_id, 'reply-to': '/queue/myapp.reply' }
    take({ headers, body, destination: '/queue/myapp.tasks.a', ack() {} })
  }
  const again = crypto.randomUUID()
  deliver(crypto.randomUUID())
  const left = worker.drain()
  for (let times = 0; times < 3; times++) {
    deliver(again)
    now += afterMs
  }
  gate.resolve()
  await left
  const delays = stomp.sent.filter(({ destination }) => destination === '/queue/myapp.tasks.a')
  expect(delays.map(({ headers }) => headers?.AMQ_SCHEDULED_DELAY)).toEqual(['500', '500', '500'])
  expect(problems).toEqual(said)
})
