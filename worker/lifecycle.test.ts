/** A worker starts, ends, and outlives the errors that nobody waits for. */
import { expect, test, vi } from 'vitest'
import * as z from 'zod'
import { DroverError, defineTask } from '../shared/contract/mod.ts'
import { newKey } from '../shared/seal/mod.ts'
import { implement } from './implement.ts'
import type { WorkerOptions } from './options.ts'
import { fakeRuntime, fakeStomp } from './testing.ts'
import { createWorker } from './worker.ts'

const task = implement(defineTask('a', { input: z.unknown() }), () => 'ran')
const start = (options: Partial<WorkerOptions>, on = fakeRuntime()) =>
  createWorker({ url: 'stomp://localhost', tasks: [task], ...options }, on)

test('createWorker() rejects with the error of the broker about a subscription, and closes', async () => {
  const stomp = fakeStomp()
  let isClosed = false
  stomp.close = async () => {
    isClosed = true
  }
  stomp.subscribe = ({ destination }) => ({
    ready: destination.startsWith('/queue/') ? Promise.reject(new DroverError('forbidden', 'no')) : Promise.resolve(),
    unsubscribe: async () => {},
  })
  await expect(start({}, fakeRuntime(stomp))).rejects.toMatchObject({ code: 'forbidden' })
  expect(isClosed).toBe(true)
})

test('a worker is drained once, by the signal of its runtime, by drain() and by disposal alike', async () => {
  let stop = (): void => {}
  let listeners = 1
  const on = {
    ...fakeRuntime(),
    onShutdown: (drain: () => void) => {
      stop = drain
      return () => void listeners--
    },
  }
  const worker = await start({}, on)
  expect([worker.name, worker.stats]).toEqual([
    'box-node',
    { active: 0, waiting: 0, resting: 0, stuck: 0, processed: 0, failed: 0, dropped: 0 },
  ])
  stop()
  await worker.drain()
  await worker[Symbol.asyncDispose]()
  await worker.closed
  expect(listeners).toBe(0)
})

test('closed rejects with the reason when the connection is refused for good, and is never unhandled', async () => {
  const stomp = fakeStomp()
  const worker = await start({}, fakeRuntime(stomp))
  stomp.become({ at: 'closed', reason: new DroverError('not_authenticated', 'expired') })
  await expect(worker.closed).rejects.toMatchObject({ code: 'not_authenticated' })
  await worker.drain()
})

test('an uncaught error is told by its place alone where it may quote a sealed job', async () => {
  const told: string[] = []
  const uncaughtOf = async (options: Partial<WorkerOptions>): Promise<void> => {
    const onUncaughtError = vi.fn((_tell: (thrown: unknown) => void) => () => {})
    const runtime = { ...fakeRuntime(), onUncaughtError }
    const onEvent: WorkerOptions['onEvent'] = event =>
      event.type === 'problem' && told.push(`${event.message} ${String(event.error)}`)
    await using _worker = await start({ ...options, onEvent }, runtime)
    const [tell] = onUncaughtError.mock.lastCall!
    tell(new TypeError('plain\n    at plain:1:1'))
    tell('plain')
  }
  await uncaughtOf({})
  expect(told.splice(0).join()).toContain('plain')
  await uncaughtOf({ seal: { keys: { keys: [await newKey('x25519')] } } })
  expect(told).toHaveLength(2)
  expect(told[0]).toMatch(/^Nobody waits for an error at .*lifecycle\.test\.ts:\d+:\d+/)
  expect(told.join()).not.toContain('plain')
})
