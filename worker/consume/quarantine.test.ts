/** Jobs that run by themselves: which jobs keep one from here, how long one waits, and when one is passed on. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import type { Job } from '../../shared/contract/mod.ts'
import { type BrokerSession, classic } from '../../shared/stomp/mod.ts'
import { type HeldJob, HeldJobs } from '../held-job.ts'
import { Quarantine } from './quarantine.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const session = { dialect: classic, owner: 'foo', namespace: 'myapp', bridged: false } satisfies BrokerSession

function setUp(dialect: Partial<BrokerSession['dialect']> = {}, waitMs = 0) {
  const heldJobs = new HeldJobs()
  const slots = { adjust: vi.fn(), offerExclusive: vi.fn(), withdraw: () => true }
  const end = async (held: HeldJob): Promise<void> => void heldJobs.remove(held)
  const ends = { stop: vi.fn(), requeue: vi.fn(end), republish: vi.fn(end) }
  const clock = { ...systemClock, steady: () => Date.now() }
  const now = (): BrokerSession => ({ ...session, dialect: { ...classic, ...dialect } })
  const limits = { waitMs: () => waitMs }
  return { heldJobs, slots, ends, quarantine: new Quarantine({ clock, heldJobs, slots, ends, limits, session: now }) }
}

const jobOf = (requestId: string, job: Partial<Job>, mode: HeldJob['mode'] = 'queue') =>
  ({
    requestId,
    task: 'a',
    mode,
    job: { losses: 0, ...job },
    copies: [],
    timers: new Set(),
    phase: 'waiting',
    deadlineAt: Date.now() + 1e9,
  }) as unknown as HeldJob

test.for<[string, Partial<Job>, HeldJob['mode'], boolean]>([
  ['lost its worker before', { losses: 1 }, 'queue', true],
  ['is to run by itself', { losses: 2, alone: 0 }, 'queue', true],
  ['is to run by itself, though its sender tells of no losses', { alone: 0 }, 'queue', true],
  ['is passed on', { losses: 2, alone: 0, handed_back: true }, 'queue', false],
  ['is a broadcast', { losses: 1 }, 'topic', false],
  ['lost no worker', {}, 'queue', false],
])('beside a job that %s, no job runs by itself, or any but the first time', ([, job, mode, isAlways]) => {
  const { heldJobs, quarantine } = setUp()
  expect(quarantine.isBesideDoubt('came', 'a'), 'beside nothing').toBe(false)
  heldJobs.add(jobOf('here', job, mode))
  expect(['came', 'came', 'came'].map(id => quarantine.isBesideDoubt(id, 'a'))).toEqual([true, isAlways, isAlways])
})

test('a job that rests until it may begin ends nobody, so that one runs by itself beside it', () => {
  const { heldJobs, quarantine } = setUp()
  heldJobs.add(Object.assign(jobOf('rests', { losses: 2, alone: 0, wait_ms: 1_000 }), { phase: 'resting' }))
  expect(quarantine.isBesideDoubt('came', 'a')).toBe(false)
})

test.for([
  [5_000, {}],
  [2_000, { maxUnackedMs: 4_000 }],
] as const)('a job that is to run by itself waits for %i ms, and is put back then', async ([ms, dialect]) => {
  const { slots, ends, quarantine } = setUp(dialect)
  const [waits, runs] = [jobOf('waits', { losses: 2, alone: 0 }), jobOf('runs', { losses: 2, alone: 0 })]
  quarantine.run(waits)
  quarantine.run(runs)
  expect(slots.offerExclusive.mock.calls).toEqual([[waits], [runs]])
  runs.phase = 'running'
  await vi.advanceTimersByTimeAsync(ms - 1)
  expect(ends.requeue).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(ends.requeue.mock.calls).toEqual([[waits]])
})

test('a job is passed on at once, marked, and one that was passed on before after a moment, as it came', async () => {
  const { heldJobs, ends, quarantine } = setUp()
  const [first, again] = [jobOf('first', { alone: 0 }), jobOf('again', { alone: 0, handed_back: true })]
  quarantine.passOn(first, false)
  expect(ends.republish.mock.calls).toEqual([[first, { handed_back: true }]])
  quarantine.passOn(again, true)
  expect([...heldJobs]).toEqual([again])
  await vi.advanceTimersByTimeAsync(49)
  expect(ends.republish).toHaveBeenCalledOnce()
  await vi.advanceTimersByTimeAsync(1)
  expect(ends.republish.mock.calls.slice(1)).toEqual([[again]])
  expect([...heldJobs, vi.getTimerCount()]).toEqual([0])
})

test('a job whose task begins none for long is passed on each time, and stays for a second once it is marked', async () => {
  const { slots, ends, quarantine } = setUp({}, 60_000)
  expect(['came', 'came'].map(id => quarantine.isBesideDoubt(id, 'a'))).toEqual([true, true])
  quarantine.passOn(jobOf('again', { alone: 0, handed_back: true }), true)
  await vi.advanceTimersByTimeAsync(999)
  expect(ends.republish).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(ends.republish).toHaveBeenCalledOnce()
  expect([setUp({}, 4_000).quarantine.isBesideDoubt('came', 'a'), slots.offerExclusive.mock.calls]).toEqual([false, []])
})

test('a job whose time has ended is neither run by itself nor passed on', async () => {
  const { slots, ends, quarantine } = setUp()
  for (const act of [(held: HeldJob) => quarantine.run(held), (held: HeldJob) => quarantine.passOn(held, true)]) {
    const late = Object.assign(jobOf('late', { alone: 0 }), { deadlineAt: Date.now() })
    ends.stop.mockImplementation(held => Object.assign(held, { stopped: { why: 'timed_out' } }))
    act(late)
    expect(ends.stop).toHaveBeenLastCalledWith(late, { why: 'timed_out' })
  }
  await vi.advanceTimersByTimeAsync(10_000)
  expect([slots.offerExclusive.mock.calls, ends.requeue.mock.calls, ends.republish.mock.calls]).toEqual([[], [], []])
})
