/** Jobs that are held for as long as the broker allows, by a clock of the test's own; and who may say how long that is. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { rabbitmq } from '../../shared/stomp/mod.ts'
import { type HeldJob, HeldJobs } from '../held-job.ts'
import type { Copy } from '../job-copy.ts'
import { fakeDelivery, fakeHeldJob, fakeSession, fakeStomp } from '../testing.ts'
import { type ControlPorts, subscribeControl } from './control.ts'
import { LongHolds } from './long-holds.ts'
import { UnackedLimit } from './unacked-limit.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

const takenBack = new Error('delivery acknowledgement on channel 1 timed out. Timeout value used: 40000 ms. This')

function setUp(toldMs?: number) {
  const heldJobs = new HeldJobs()
  const unackedLimit = new UnackedLimit(toldMs)
  const ended: string[] = []
  const end = (how: string) => async (held: HeldJob) => {
    ended.push(`${how} ${held.requestId} ${Date.now()}`)
    heldJobs.remove(held)
  }
  const ends = { stop: vi.fn(end('stop')), requeue: end('requeue'), republishResting: end('republish') }
  const session = { ...fakeSession, dialect: rabbitmq }
  const stomp = { ...fakeStomp(), opened: async () => session }
  const problem = vi.fn()
  const longHolds = new LongHolds({
    clock: { ...systemClock, steady: () => Date.now() },
    stomp,
    heldJobs,
    implementations: new Map([['a', {} as never]]),
    ends,
    unackedLimit,
    limits: { stopGraceMs: 2_000 },
    session: () => session,
    problem,
  })
  const hold = (requestId: string, more: Partial<HeldJob> = {}, isGone = false): HeldJob => {
    const copies = [{ delivery: fakeDelivery({ isGone: () => isGone }), receivedAt: Date.now() } as Copy]
    const task = { name: 'a', timeoutMs: 10_000 }
    const job = { v: 1, request_id: requestId, task: 'a', input: 0, attempt: 1, losses: 0 }
    const held = fakeHeldJob({
      requestId,
      task: 'a',
      copies,
      phase: 'running',
      timers: new Set(),
      implementation: { task } as never,
      job,
      ...more,
    })
    heldJobs.add(held)
    return held
  }
  return { longHolds, unackedLimit, heldJobs, ends, ended, hold, problem, stomp }
}

test('with 40 s known a run is stopped 5 s before, a job that waits goes back, and one that rests goes on', async () => {
  const { hold, ended, ends } = setUp(40_000)
  hold('runs')
  await vi.advanceTimersByTimeAsync(10_000)
  hold('waits', { phase: 'waiting' })
  hold('rests', { phase: 'resting' })
  hold('broadcast', { copies: [] })
  hold('of a connection that is gone', {}, true)
  await vi.advanceTimersByTimeAsync(100_000)
  expect(ended).toEqual(['stop runs 35000', 'requeue waits 45000', 'republish rests 45000'])
  expect(ends.stop.mock.lastCall).toMatchObject([{}, { why: 'held_too_long', reason: /raise its consumer_timeout/ }])
})

test('a limit that the broker says ends the jobs that it took back for that, and tells the other workers once', async () => {
  const { longHolds, hold, ended, stomp, unackedLimit } = setUp()
  hold('long')
  await vi.advanceTimersByTimeAsync(30_000)
  hold('short')
  await vi.advanceTimersByTimeAsync(10_000)
  longHolds.connectionEnds(new Error('The broker went away'))
  expect(ended).toEqual([])
  longHolds.connectionEnds(takenBack)
  await vi.advanceTimersByTimeAsync(0)
  expect([ended, unackedLimit.knownMs]).toEqual([['stop long 40000'], 40_000])
  const control = { destination: '/topic/myapp.control.a' }
  expect(stomp.sent.map(({ body, destination }) => ({ destination, ...JSON.parse(body) }))).toMatchObject([
    { ...control, type: 'cancel', request_id: 'long', max_unacked_ms: 40_000 },
    { ...control, type: 'limit', max_unacked_ms: 40_000 },
  ])
})

test('a job that may take longer by a timeout of its own is told, once a task', () => {
  const { hold, problem } = setUp(40_000)
  for (const id of ['1', '2']) {
    const { job } = hold(id)
    hold(`${id} long`, { job: { ...job, timeout_ms: 40_001 } })
  }
  expect(problem.mock.calls).toEqual([[expect.stringMatching(/^A job came with a timeout of its own\. .*"a" may run/)]])
})

test.for<[Record<string, string>, number | undefined]>([
  [{}, 40_000],
  [{ 'drover-sender': 'mallory' }, undefined],
])('a limit with the headers %j is taken for %s', async ([headers, knownMs]) => {
  const { unackedLimit, longHolds, heldJobs, ends, stomp } = setUp()
  const memory = { cancel: vi.fn() }
  const brokerTime = { heard() {} }
  const ports = {
    stomp,
    heldJobs,
    memory,
    ends,
    unackedLimit,
    longHolds,
    brokerTime,
    session: () => fakeSession,
    steady: () => 0,
  }
  subscribeControl(ports as unknown as ControlPorts, 'a')
  const request_id = crypto.randomUUID()
  for (const message of [{ type: 'limit' }, { type: 'cancel', request_id }])
    stomp.readers.get('/topic/myapp.control.a')!({
      headers,
      body: JSON.stringify({ ...message, max_unacked_ms: 40_000 }),
      destination: '',
      ack() {},
    })
  expect(unackedLimit.knownMs).toBe(knownMs)
  expect(memory.cancel, 'a cancel is one all the same').toHaveBeenCalledOnce()
})
