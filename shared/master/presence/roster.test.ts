/** The roster, when the broker is silent, this side stands still, or the connection comes and goes. Promise 2. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pass } from '../../../test/support/scripted.ts'
import { type Clock, systemClock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { createMaster, statusOf } from '../mod.ts'
import { anvil, scripted, session } from '../testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a silent worker is gone once a ping that the broker has confirmed finds no answer', async () => {
  const { stomp, beat } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  master.watch('t')
  await pass(10)
  beat('t', anvil)
  const broadcast = master.broadcast('t', 1)
  await pass(2900)
  expect(master.workers.get('w1')?.state).toBe('idle')
  await pass(700)
  expect(master.workers.get('w1')?.state).toBe('gone')
  expect(await broadcast.done).toMatchObject({ type: 'answered', missing: ['anvil'] })
})

test('while the broker confirms nothing, silence is nobody’s going: broadcasts wait', async () => {
  let isFrozen = true
  const thaw: (() => void)[] = []
  const { stomp, beat, reply } = scripted(() =>
    isFrozen ? new Promise<void>(resolve => thaw.push(resolve)) : Promise.resolve(),
  )
  await using master = createMaster({ stomp, masterId: 'm' })
  master.watch('t')
  await pass(10)
  beat('t', anvil)
  await pass(600)
  const broadcast = master.broadcast('t', 1)
  await pass(10_000)
  expect([master.workers.get('w1')?.state, broadcast.snapshot.phase.at]).toEqual(['idle', 'unsent'])
  isFrozen = false
  for (const resolve of thaw) resolve()
  await pass(10)
  beat('t', anvil)
  await pass(1000)
  expect(master.workers.get('w1')?.state).toBe('idle')
  reply({ request_id: broadcast.request_id, type: 'result', output: 1, worker_id: 'w1', seq: 0 })
  expect(await broadcast.done).toMatchObject({ type: 'answered', outcomes: [{ name: 'anvil' }], missing: [] })
})

test('a ping that times out is asked again', async () => {
  const { stomp, beat, published } = scripted(async () => {
    throw new DroverError('timed_out', 'no RECEIPT')
  })
  await using master = createMaster({ stomp, masterId: 'm' })
  master.watch('t')
  await pass(10)
  beat('t', anvil)
  const pings = () => published.filter(({ body }) => body.includes('"ping"')).length
  const before = pings()
  await pass(6100)
  expect([pings() - before, master.workers.get('w1')?.state]).toEqual([2, 'idle'])
})

test('workers that are gone are forgotten in time, however often the connection goes', async () => {
  const { stomp, beat, become } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  master.watch('t')
  await pass(10)
  beat('t', anvil)
  beat('t', { ...anvil, state: 'gone' })
  become({ at: 'connecting' })
  become({ at: 'open', session })
  await pass(299_000)
  expect(master.workers.size).toBe(1)
  await pass(2000)
  expect(master.workers.size).toBe(0)
})

test('a worker that comes again under its name is asked for its earlier self at once', async () => {
  const { stomp, beat } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  master.watch('t')
  await pass(600)
  beat('t', anvil)
  beat('t', { worker_id: 'x1', name: 'other' })
  const broadcast = master.broadcast('t', 1, { timeoutMs: 60_000 })
  await pass(100)
  beat('t', { ...anvil, worker_id: 'w2' })
  await pass(510)
  const states = () => Object.fromEntries([...master.workers.values()].map(one => [one.worker_id, one.state]))
  expect(states()).toEqual({ w1: 'gone', x1: 'idle', w2: 'idle' })
  expect(broadcast.snapshot.expected).toMatchObject([
    { worker_id: 'w1', gone: true },
    { worker_id: 'x1', gone: false },
  ])
})

test('a worker that says its name only once it has taken a job is found again by that name', async () => {
  const { stomp, beat, reply } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  master.watch('t')
  await pass(600)
  const { request_id } = master.dispatch('t', 1)
  await pass(10)
  reply({ request_id, type: 'accepted', worker_id: 'w1', seq: 0 })
  beat('t', anvil)
  beat('t', { ...anvil, worker_id: 'w2' })
  await pass(510)
  expect([master.workers.get('w1'), master.workers.get('w2')]).toMatchObject([{ state: 'gone' }, { state: 'idle' }])
})

test('two workers of one name are both there', async () => {
  const { stomp, beat, published } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  master.watch('t')
  await pass(600)
  beat('t', anvil)
  const pings = published.length
  beat('t', { ...anvil, worker_id: 'w2' })
  await pass(100)
  expect(published.length).toBeGreaterThan(pings)
  beat('t', anvil)
  await pass(1000)
  expect([...master.workers.values()].map(({ state }) => state)).toEqual(['idle', 'idle'])
})

test('after this side stood still, messages of that time are read before anybody is gone or anything timed out', async () => {
  let asleepMs = 0
  const clock: Clock = { ...systemClock, steady: () => performance.now() + asleepMs }
  const { stomp, beat, reply, holdFences } = scripted()
  await using master = createMaster({ stomp, masterId: 'm', clock })
  master.watch('t')
  await pass(10)
  beat('t', anvil)
  await pass(1000)
  const broadcast = master.broadcast('t', 1, { timeoutMs: 5000 })
  const job = master.dispatch('t', 1, { timeoutMs: 5000 })
  const lost = master.dispatch('t', 1, { timeoutMs: 5000 })
  await pass(500) // the timer of the roster comes next, and a minute late
  asleepMs = 60_000
  const letFencesCome = holdFences()
  await vi.advanceTimersToNextTimerAsync()
  expect([broadcast, job, lost].map(({ snapshot }) => snapshot.phase.at)).toEqual(['sent', 'sent', 'sent'])
  expect(master.workers.get('w1')?.state).toBe('idle')
  for (const { request_id } of [broadcast, job]) {
    reply({ request_id, type: 'result', output: 1, worker_id: 'w1', seq: 0 })
  }
  expect(await broadcast.done).toMatchObject({ type: 'answered', outcomes: [{ name: 'anvil' }], missing: [] })
  expect(await job.outcome).toMatchObject({ type: 'result' })
  letFencesCome()
  await pass(600)
  expect(await lost.outcome).toMatchObject({ type: 'timed_out' })
  expect(master.workers.get('w1')?.state).toBe('idle')
})

test.for([
  ['before the cancel', 0],
  ['after it', 5000],
] as const)('a cancel waits for no worker that went %s', async ([, cancelsEarlierMs]) => {
  const { stomp, beat, reply } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  master.watch('t')
  await pass(10)
  beat('t', anvil)
  const job = master.dispatch('t', 1)
  await pass(600)
  reply({ request_id: job.request_id, type: 'accepted', worker_id: 'w1', seq: 0 })
  if (cancelsEarlierMs > 0) job.cancel('enough')
  await pass(2000)
  for (let ms = 0; ms < cancelsEarlierMs; ms += 500) {
    beat('t', anvil)
    await pass(500)
  }
  expect([master.workers.get('w1')?.state, statusOf(job.snapshot)]).toEqual([
    'idle',
    cancelsEarlierMs > 0 ? 'cancelling' : 'running',
  ])
  beat('t', { ...anvil, state: 'gone' })
  job.cancel('enough')
  await pass(2100)
  expect(await job.outcome).toEqual({ type: 'cancelled', reason: 'enough' })
})

test('a task that is heard of by beats alone is asked after once, also of a worker that has announced another', async () => {
  const { stomp, announce, beat, published } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  master.watch('*')
  await pass(10)
  const { rest } = session.dialect.wildcards
  const pings = () => published.map(({ destination }) => destination)
  announce('t', anvil, rest)
  expect(pings()).toEqual([])
  for (let i = 0; i < 3; i++) beat('u', anvil, rest)
  expect(pings()).toEqual(['/topic/myapp.control.u'])
  announce('u', anvil, rest)
  beat('u', anvil, rest)
  beat('t', anvil, rest)
  expect(pings()).toEqual(['/topic/myapp.control.u'])
})
