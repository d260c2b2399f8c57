/** Jobs that are to begin later, and those that bring a number of attempts. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pass } from '../../../test/support/scripted.ts'
import { classic } from '../../stomp/mod.ts'
import { createMaster, type JobOptions, memoryStorage } from '../mod.ts'
import { scripted, session } from '../testing.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }))
afterEach(() => void vi.useRealTimers())

const minute = 60_000

test.for([
  ['a broker that keeps it back', session, { delayMs: 5 * minute }, String(5 * minute), undefined],
  [
    'a broker whose own delay a kill can lose',
    { ...session, dialect: classic },
    { delayMs: 5 * minute },
    undefined,
    300_000,
  ],
  ['an instant', session, { runAt: 1_800_000_060_000 }, String(minute), undefined],
  ['a date', { ...session, dialect: classic }, { runAt: new Date(1_800_000_060_000) }, undefined, minute],
  ['an instant that is past', session, { runAt: 1_799_999_999_999 }, undefined, undefined],
  ['no delay', session, { delayMs: 0 }, undefined, undefined],
] as const)(
  'a job leaves at once, and begins later, its timeout with it: %s',
  async ([, at, options, header, wait_ms]) => {
    const { stomp, jobs, become } = scripted()
    become({ at: 'open', session: at })
    await using master = createMaster({ stomp, masterId: 'm' })
    await master.ready
    const job = master.dispatch('t', 1, { ...options, timeoutMs: minute })
    await job.sent
    const { headers, body } = jobs()[0]!
    const delayMs = Number(header ?? wait_ms ?? 0)
    expect(headers?.AMQ_SCHEDULED_DELAY).toBe(header)
    expect(Number(headers?.expires)).toBe(Date.now() + delayMs + minute)
    expect(JSON.parse(body)).toMatchObject({ timeout_ms: minute, attempt: 1 })
    expect(JSON.parse(body).wait_ms).toBe(wait_ms)
    expect(job.snapshot.starts_at).toBe(delayMs > 0 ? Date.now() + delayMs : undefined)
    await pass(delayMs + minute - 1)
    expect(job.snapshot.phase.at).toBe('sent')
    await pass(1_000)
    expect(await job.outcome).toEqual({ type: 'timed_out', timeout_ms: minute })
  },
)

test('a job that leaves late, after a reload, waits for what is left of its delay', async () => {
  const broker = scripted()
  const storage = memoryStorage()
  broker.become({ at: 'waiting', retryAt: 0, reason: new Error('away') })
  const first = createMaster({ stomp: broker.stomp, masterId: 'm', storage })
  await pass(10)
  const { request_id } = first.dispatch('t', 1, { delayMs: 10 * minute, timeoutMs: minute, attempts: 7 })
  await pass(4 * minute)
  const kept = await storage.load()
  await first[Symbol.asyncDispose]()
  const restored = memoryStorage()
  await restored.write({ master_id: 'm', put: kept.jobs, remove: [] })
  const master = createMaster({ stomp: broker.stomp, masterId: 'm', storage: restored })
  await pass(10)
  broker.become({ at: 'open', session: { ...session, dialect: classic } })
  await pass(3_000)
  const body = JSON.parse(broker.jobs()[0]!.body)
  expect(body).toMatchObject({ request_id, attempts: 7 })
  expect(Math.abs(body.wait_ms - 6 * minute)).toBeLessThan(5_000)
  await pass(6 * minute + minute - 10_000)
  expect(master.jobs.get(request_id)?.phase.at).toBe('sent')
  await pass(10_000)
  expect(master.jobs.get(request_id)?.phase).toMatchObject({ outcome: { type: 'timed_out' } })
  const again = master.again(request_id)
  expect([again.snapshot.attempts, again.snapshot.starts_at], 'again is at once').toEqual([7, undefined])
  await master[Symbol.asyncDispose]()
})

test.for<[string, JobOptions]>([
  ['is to begin later', { delayMs: 90 * minute, timeoutMs: minute }],
  ['may wait for long, or for its next attempt', { timeoutMs: 91 * minute }],
])('a cancel of a job that %s says for how long it may still come', async ([, options]) => {
  const { stomp, published } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  await master.ready
  const job = master.dispatch('t', 1, options)
  await job.sent
  await pass(minute)
  job.cancel('enough')
  await pass(3_000)
  expect(await job.outcome).toEqual({ type: 'cancelled', reason: 'enough' })
  const cancels = published.map(({ body }) => JSON.parse(body)).filter(({ type }) => type === 'cancel')
  expect(cancels).toMatchObject([{ request_id: job.request_id, keep_ms: 90 * minute }])
})

test.for<[JobOptions, string]>([
  [{ delayMs: 1, runAt: 1_800_000_060_000 }, 'delayMs and runAt say the same; expected one of them'],
  [{ delayMs: -1 }, 'delayMs is -1; expected a whole number from 0 to 31536000000'],
  [{ delayMs: 1.5 }, 'delayMs is 1.5; expected a whole number from 0 to 31536000000'],
  [{ delayMs: 366 * 24 * 60 * minute }, 'delayMs is 31622400000; expected a whole number from 0 to 31536000000'],
  [{ runAt: new Date('soon') }, 'runAt is Invalid Date; expected a Date, or ms since the epoch'],
  [{ runAt: '2026-12-01' as unknown as Date }, 'runAt is 2026-12-01; expected a Date, or ms since the epoch'],
  [{ runAt: 1_800_000_060 }, 'runAt is 1800000060, which is before 2000; expected a Date, or ms since the epoch'],
  [{ runAt: 9e15 }, 'runAt is +275760-09-13T00:00:00.000Z; expected at most a year from now'],
  [{ attempts: 0 }, 'attempts is 0; expected a whole number from 1 to 1000'],
  [{ attempts: 1_001 }, 'attempts is 1001; expected a whole number from 1 to 1000'],
])('options that cannot be meant are refused before anything is sent: %j', async ([options, message]) => {
  const { stomp, jobs } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  expect(() => master.dispatch('t', 1, options)).toThrow(expect.objectContaining({ code: 'config_invalid', message }))
  expect(() => master.broadcast('t', 1, { delayMs: 5 })).toThrow('A broadcast has no delayMs and no runAt')
  expect(jobs()).toEqual([])
})
