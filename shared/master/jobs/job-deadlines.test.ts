/** Broadcasts of an earlier run that ended before it knew who should answer, and whose time is up. Promise 2. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pass } from '../../../test/support/scripted.ts'
import { createMaster, memoryStorage } from '../mod.ts'
import { anvil, bellows, scripted, session } from '../testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A broadcast of 5 s, as an earlier run stored it before it was killed, 100 ms behind its dispatch. */
async function storedBroadcast(awayMs = 10_000) {
  const broker = scripted()
  const storage = memoryStorage()
  const first = createMaster({ stomp: broker.stomp, masterId: 'm', storage })
  const { request_id } = first.broadcast('t', 1, { until: 'everyone', timeoutMs: 5_000 })
  await pass(100)
  const kept = await storage.load()
  await first[Symbol.asyncDispose]()
  await pass(awayMs)
  broker.become({ at: 'open', session: { ...session, bridged: true, features: ['fence'] } })
  const letFencesCome = broker.holdFences()
  const restored = memoryStorage()
  await restored.write({ master_id: 'm', put: kept.jobs, remove: [] })
  const master = createMaster({ stomp: broker.stomp, masterId: 'm', storage: restored })
  await pass(10)
  const broadcast = master.jobs.get(request_id)
  expect(broadcast, 'it is open, and nobody is known').toMatchObject({ phase: { at: 'sent' } })
  expect(broadcast?.expected).toBeUndefined()
  const answer = ({ worker_id, name }: typeof anvil, type = 'result'): void =>
    broker.reply({ request_id, type, worker_id, name, seq: 1, output: 7, took_ms: 1 })
  const outcome = () => {
    const phase = master.jobs.get(request_id)?.phase
    return phase?.at === 'ended' ? phase.outcome : phase
  }
  return { ...broker, master, request_id, answer, letFencesCome, outcome }
}

test('is answered where all who are there have answered, also one that has left since', async () => {
  const { master, announce, answer, letFencesCome, outcome } = await storedBroadcast()
  announce('t', anvil)
  answer(anvil)
  answer(bellows)
  letFencesCome()
  await pass(700)
  expect(outcome()).toEqual({ type: 'answered', missing: [] })
  await master[Symbol.asyncDispose]()
})

test('the same where its time is up between the reading and the roster', async () => {
  const { master, announce, answer, letFencesCome, outcome } = await storedBroadcast(4_700)
  answer(anvil)
  letFencesCome()
  await pass(100)
  announce('t', anvil)
  await pass(200)
  expect(outcome()).toMatchObject({ at: 'running' })
  await pass(500)
  expect(outcome()).toEqual({ type: 'answered', missing: [] })
  await master[Symbol.asyncDispose]()
})

test('has timed out, soon, where one who is there has not, and nobody is missing who answered', async () => {
  const { master, announce, answer, letFencesCome, outcome } = await storedBroadcast()
  announce('t', anvil)
  announce('t', bellows)
  answer(anvil)
  letFencesCome()
  await pass(1_100)
  expect(outcome()).toEqual({ type: 'timed_out', timeout_ms: 5_000, missing: ['bellows'] })
  await master[Symbol.asyncDispose]()
})

test.each([
  ['nobody has answered', undefined],
  ['one that began has not', 'accepted'],
] as const)('has timed out at once where %s', async (_, type) => {
  const { master, answer, letFencesCome, outcome } = await storedBroadcast()
  if (type !== undefined) answer(anvil, type)
  letFencesCome()
  await pass(10)
  expect(outcome()).toMatchObject({ type: 'timed_out', missing: type === undefined ? [] : ['anvil'] })
  await master[Symbol.asyncDispose]()
})

test('the same goes for a master that was cut off before it knew who was there, and is back past the time', async () => {
  const { stomp, become, announce, reply } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  await pass(10)
  const { request_id, done } = master.broadcast('t', 1, { until: 'everyone', timeoutMs: 5_000 })
  await pass(100)
  become({ at: 'waiting', retryAt: 1, reason: new Error('cut') })
  await pass(6_000)
  become({ at: 'open', session: { ...session, bridged: true, features: ['fence'] } })
  reply({ request_id, type: 'result', ...anvil, seq: 1, output: 7, took_ms: 1 })
  await pass(10)
  announce('t', anvil)
  await pass(700)
  expect(await Promise.race([done, Promise.resolve('still open')])).toMatchObject({
    type: 'answered',
    outcomes: [{ output: 7 }],
  })
})
