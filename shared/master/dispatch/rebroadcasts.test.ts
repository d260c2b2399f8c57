/** Broadcasts for workers that were cut off: which of them are sent one again. Promise 2. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pass } from '../../../test/support/scripted.ts'
import type { Outgoing } from '../../stomp/mod.ts'
import { type BroadcastOptions, createMaster } from '../mod.ts'
import { anvil, bellows, scripted, session } from '../testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type OnPublish = (message: Outgoing) => Promise<void>

function ground(onPublish?: OnPublish) {
  const broker = scripted(onPublish)
  const again = () =>
    broker.published.flatMap(({ body }) => {
      const { type, worker_ids } = JSON.parse(body)
      return type === 'job' ? [worker_ids] : []
    })
  const connected = (worker: typeof anvil, connection: number): void => broker.announce('t', { ...worker, connection })
  const master = createMaster({ stomp: broker.stomp, masterId: 'm' })
  const broadcast = async (input: unknown, options?: BroadcastOptions) => {
    const broadcast = master.broadcast('t', input, options)
    await pass(50)
    return broadcast
  }
  return { ...broker, master, again, connected, broadcast, [Symbol.asyncDispose]: () => master[Symbol.asyncDispose]() }
}

/** The same once the master knows these workers, each by its first connection. */
async function acquainted(workers: readonly (typeof anvil)[], onPublish?: OnPublish) {
  const it = ground(onPublish)
  it.master.watch('t')
  await pass(10)
  for (const worker of workers) it.connected(worker, 1)
  await pass(600)
  return it
}

test('a worker that is back and was not heard of is sent the job again, once for each connection, together with others', async () => {
  await using it = await acquainted([anvil, bellows])
  const { reply, published, again, connected } = it
  const broadcast = await it.broadcast({ n: 1 })
  connected(anvil, 1)
  await pass(200)
  expect(again(), 'the connection is the one of before').toEqual([])
  connected(anvil, 2)
  connected(bellows, 5)
  await pass(200)
  connected(anvil, 2)
  await pass(1000)
  expect(again()).toEqual([['w1', 'w2']])
  const { destination, headers, body } = published.at(-1)!
  expect([destination, headers?.['correlation-id'], headers?.['reply-to']]).toEqual([
    '/topic/myapp.control.t',
    broadcast.request_id,
    '/queue/myapp.reply.foo.m',
  ])
  expect(JSON.parse(body)).toMatchObject({ request_id: broadcast.request_id, task: 't', input: { n: 1 } })
  reply({ request_id: broadcast.request_id, type: 'accepted', worker_id: 'w1', name: 'anvil', seq: 0 })
  connected(anvil, 3)
  connected(bellows, 6)
  await pass(200)
  expect(again().slice(1), 'the other has it').toEqual([['w2']])
})

test('a worker that comes for the first time was not sent it, and jobs that are to be sent outlast a connection', async () => {
  await using it = await acquainted([anvil])
  const { published, again, connected, become } = it
  await it.broadcast(1)
  connected(bellows, 4)
  await pass(200)
  expect(again()).toEqual([])
  connected(anvil, 2)
  become({ at: 'waiting', retryAt: 1, reason: new Error('cut') })
  await pass(200)
  expect(again()).toEqual([])
  published.length = 0
  become({ at: 'open', session })
  await pass(500)
  expect(again()).toEqual([['w1']])
})

test('of many that come back, one behind the other, each is sent it once, however long a RECEIPT takes', async () => {
  const receipt = () => new Promise<void>(resolve => setTimeout(resolve, 150))
  const workers = Array.from({ length: 20 }, (_, n) => ({ worker_id: `w${n}`, name: `worker ${n}` }))
  await using it = await acquainted(workers, receipt)
  const { again, connected } = it
  await it.broadcast(1)
  await pass(150)
  for (const worker of workers) {
    connected(worker, 2)
    await pass(40)
  }
  await pass(1000)
  expect(again().flat()).toEqual(workers.map(({ worker_id }) => worker_id))
})

test('while it is not known who should answer, only a worker that was there before is sent it', async () => {
  await using it = ground()
  const { master, again, connected } = it
  await pass(10)
  expect(master.broadcast('t', 1).snapshot.expected).toBeUndefined()
  await pass(10)
  connected(anvil, 4)
  connected(bellows, 4)
  connected(anvil, 5)
  await pass(200)
  expect(again()).toEqual([['w1']])
})

test('a job whose connection goes each time is sent by three of them', async () => {
  let cut = (): void => {}
  await using it = await acquainted([anvil], async ({ body }) => {
    if (body.startsWith('{"type":"job"')) await new Promise((_, reject) => (cut = () => reject(new Error('cut'))))
  })
  const { again, connected, become } = it
  await it.broadcast(1)
  connected(anvil, 2)
  for (let times = 0; times < 5; times++) {
    await pass(500)
    cut()
    become({ at: 'waiting', retryAt: 1, reason: new Error('cut') })
    await pass(10)
    become({ at: 'open', session })
  }
  expect(again()).toEqual([['w1'], ['w1'], ['w1']])
})

test('a job with a secret is sent once, since nothing keeps the secret', async () => {
  await using it = await acquainted([anvil])
  const { again, connected } = it
  const inputSchema = { type: 'object', properties: { key: { type: 'string', format: 'password' } } }
  await it.broadcast({ key: 'hidden' }, { inputSchema })
  connected(anvil, 2)
  await pass(200)
  expect(again()).toEqual([])
})

test('a worker that says that it has ever other connections is sent a job ten times', async () => {
  await using it = await acquainted([anvil])
  const { again, connected } = it
  await it.broadcast(1)
  for (let connection = 2; connection < 40; connection++) {
    connected(anvil, connection)
    await pass(1000)
  }
  expect(again()).toHaveLength(10)
  await it.broadcast(2)
  connected(anvil, 40)
  await pass(1000)
  expect(again(), 'another job').toHaveLength(11)
})
