import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { parsePresence, type Presence as Words } from '../../shared/contract/mod.ts'
import { fakeStomp } from '../testing.ts'
import { Presence } from './presence.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  const stomp = fakeStomp()
  const slots = { taken: 0 }
  const stuck = { count: 0 }
  const presence = new Presence({
    stomp,
    announced: [
      { name: 'a', inputSchema: { type: 'object' }, sealed: 'required', limits: { attempts: 3, task_concurrency: 2 } },
    ],
    workerId: 'w',
    name: 'steady',
    runtime: { host: 'box', version: 'node 24' },
    concurrency: 1,
    connection: { number: 1 },
    presenceIntervalMs: 5_000,
    slots,
    queues: { isNamed: true },
    ends: { counts: { processed: 0, failed: 0 } },
    stuck,
    isDraining: () => false,
    clock: systemClock,
  })
  const said = (): Words[] => stomp.sent.map(({ body }) => parsePresence(body)!)
  return { presence, slots, stuck, said, types: () => said().map(({ type }) => type), stomp }
}

test('Presence announces at the start, then beats', async () => {
  const { presence, said, types, stomp } = setUp()
  presence.start()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(types()).toEqual(['announce', 'beat', 'beat'])
  const input_schema = { type: 'object' }
  expect(said()[0]).toMatchObject({ task: 'a', input_schema, sealed: 'required', runtime: 'node 24', state: 'idle' })
  expect(said()[0]).toMatchObject({ concurrency: 1, attempts: 3, task_concurrency: 2 })
  expect(stomp.sent[0]!.destination).toBe('/topic/myapp.workers.a')
})

test('Presence answers every ping within 100 ms, with at most one announcement a second', async () => {
  const { presence, types } = setUp()
  presence.start()
  presence.pinged('a')
  expect(types()).toEqual(['announce', 'beat'])
  for (let i = 0; i < 50; i++) presence.pinged('a')
  await vi.advanceTimersByTimeAsync(100)
  expect(types()).toEqual(['announce', 'beat', 'beat'])
  await vi.advanceTimersByTimeAsync(900)
  expect(types(), 'the master that pinged has not heard the first').toEqual(['announce', 'beat', 'beat', 'announce'])
  await vi.advanceTimersByTimeAsync(1_000)
  presence.pinged('a')
  expect(types().at(-1)).toBe('announce')
})

test('Presence announces a change of state once a second at most, the latest', async () => {
  const { presence, slots, said } = setUp()
  presence.start()
  for (let i = 0; i < 9; i++) {
    slots.taken = i % 2 ? 0 : 1
    presence.changed()
    await vi.advanceTimersByTimeAsync(50)
  }
  await vi.advanceTimersByTimeAsync(1_000)
  expect(said().map(({ state }) => state)).toEqual(['idle', 'busy'])
})

test('Presence says gone last, and nothing after it', async () => {
  const { presence, said } = setUp()
  presence.start()
  await presence.gone()
  presence.pinged('a')
  presence.changed()
  presence.again()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(said().map(({ state }) => state)).toEqual(['idle', 'gone'])
  expect(vi.getTimerCount()).toBe(0)
})

test('Presence says nothing without a connection, and announces when it is back', async () => {
  const { presence, types, stomp } = setUp()
  const { state } = stomp
  presence.start()
  stomp.become({ at: 'connecting' })
  await vi.advanceTimersByTimeAsync(20_000)
  presence.pinged('a')
  expect(types()).toEqual(['announce'])
  stomp.become(state)
  await vi.advanceTimersByTimeAsync(1_000)
  presence.again()
  expect(types()).toEqual(['announce', 'announce'])
})

test('Presence announces how many runs are stuck, at each change, and leaves out none', async () => {
  const { presence, stuck, said } = setUp()
  presence.start()
  for (const count of [1, 1, 0]) {
    stuck.count = count
    presence.changed()
    await vi.advanceTimersByTimeAsync(1_000)
  }
  expect(said().map(words => 'stuck' in words && words.stuck)).toEqual([false, 1, false])
})
