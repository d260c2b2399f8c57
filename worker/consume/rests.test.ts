/** Jobs that may not begin yet: how long each is held, and the rest of its wait as it goes on. */
import { expect, test, vi } from 'vitest'
import type { Clock } from '../../shared/clock.ts'
import type { Job } from '../../shared/contract/mod.ts'
import { artemis, type BrokerSession, rabbitmq } from '../../shared/stomp/mod.ts'
import { type HeldJob, HeldJobs } from '../held-job.ts'
import type { Copy } from '../job-copy.ts'
import { fakeDelivery, fakeHeldJob, fakeSession } from '../testing.ts'
import { BrokerTime } from './broker-time.ts'
import { Rests } from './rests.ts'

const minute = 60_000

function setUp(session: Partial<BrokerSession> = {}, limits: { restingJobs?: number; longestRestMs?: number } = {}) {
  let now = 0
  const timers = new Map<() => void, number>()
  const clock: Clock = {
    now: () => now,
    steady: () => now,
    timer(ms, fire) {
      timers.set(fire, now + ms)
      return () => void timers.delete(fire)
    },
  }
  const heldJobs = new HeldJobs()
  const gone: [id: string, at: number, leftMs: number][] = []
  const end = (held: HeldJob): void => {
    heldJobs.remove(held)
    gone.push([held.requestId, now, Math.max(0, (held.dueAt ?? 0) - now)])
  }
  const brokerTime = new BrokerTime()
  const connectionLost = vi.fn((held: HeldJob) => heldJobs.remove(held))
  let isDraining = false
  const rests = new Rests({
    clock,
    heldJobs,
    slots: { adjust() {} },
    ends: { stop: vi.fn(), connectionLost, republishResting: async held => end(held) },
    events: { log() {} },
    brokerTime,
    limits: { restingJobs: 1_000, longestRestMs: 15 * minute, ...limits },
    session: () => ({ ...fakeSession, ...session }),
    isDraining: () => isDraining,
  })
  const pass = (ms: number): void => {
    const until = now + ms
    for (;;) {
      const [next] = [...timers].filter(([, at]) => at <= until).sort(([, one], [, other]) => one - other)
      if (next === undefined) break
      now = next[1]
      timers.delete(next[0])
      next[0]()
    }
    now = until
  }
  const jobOf = (id: string, job: Partial<Job>, headers: Record<string, string> = {}): HeldJob => {
    const copy = { origin: { headers }, delivery: fakeDelivery() } as unknown as Copy
    return fakeHeldJob({
      requestId: id,
      job: { v: 1, request_id: id, task: 'a', input: 1, attempt: 1, losses: 0, ...job },
      copies: [copy],
      timers: new Set(),
      deadlineAt: 1e12,
    })
  }
  const take = (id: string, waitMs: number, headers: Record<string, string> = {}, job: Partial<Job> = {}): HeldJob => {
    const held = jobOf(id, { wait_ms: waitMs, ...job }, headers)
    brokerTime.heard(headers.timestamp, now)
    rests.take(held)
    return held
  }
  return { rests, heldJobs, gone, pass, take, jobOf, brokerTime, connectionLost, drain: () => (isDraining = true) }
}

test('a job rests until its wait is over, and goes on then, once', () => {
  const { rests, gone, pass, take } = setUp()
  take('a', minute)
  pass(minute - 1)
  expect([rests.size, gone]).toEqual([1, []])
  pass(1_000)
  expect([rests.size, gone]).toEqual([0, [['a', minute + 1, 0]]])
})

test('the time that it was in its queue counts towards the wait, as far as the broker tells it', () => {
  const { gone, pass, take, brokerTime } = setUp()
  brokerTime.heard('1700000100000', 0)
  take('known', minute, { timestamp: '1700000090000' })
  take('over', minute, { timestamp: '1700000000000' })
  take('the newest', minute, { timestamp: '1700000100000' })
  take('unsaid', minute)
  pass(2 * minute)
  expect(gone.map(([id, at]) => [id, at])).toEqual([
    ['over', 0],
    ['known', 50_001],
    ['the newest', minute + 1],
    ['unsaid', minute + 1],
  ])
})

test('a wait that is longer than a message may be unacknowledged is held in parts of half of that at most', () => {
  const { gone, pass, take } = setUp({ dialect: { ...rabbitmq, maxUnackedMs: 10 * minute } })
  take('a', 12 * minute)
  pass(11 * minute)
  expect(gone).toEqual([['a', 5 * minute + 1, 7 * minute - 1]])
  const shorter = setUp({ dialect: rabbitmq }, { longestRestMs: 1_000 })
  shorter.take('a', minute)
  shorter.pass(minute)
  expect(shorter.gone).toEqual([['a', 1_001, minute - 1_001]])
})

test('where the broker keeps jobs back, a job with a wait goes to it at once, and so it does at a drain', () => {
  const byBroker = setUp({ dialect: artemis })
  byBroker.take('a', minute, { timestamp: '1600000000000' })
  expect(byBroker.gone).toEqual([['a', 0, minute]])
  const draining = setUp()
  draining.drain()
  draining.take('a', minute)
  expect(draining.gone).toEqual([['a', 0, minute]])
})

test('past the limit a job stays for a moment, counts as none in hand, and goes to the end of its queue', () => {
  const { heldJobs, rests, gone, pass, take } = setUp({}, { restingJobs: 2 })
  take('a', minute)
  take('b', minute)
  take('c', minute)
  expect([rests.size, heldJobs.inHand('a')]).toEqual([3, 2])
  pass(1_000)
  expect([rests.size, gone]).toEqual([2, [['c', 51, minute - 51]]])
})

test('through a bridge fewer rest: each keeps a subscription of its session', () => {
  const { rests, pass, take } = setUp({ bridged: true })
  for (let n = 0; n < 210; n++) take(`${n}`, minute)
  pass(100)
  expect(rests.size).toBe(200)
})

test('a job that comes back after its connection went waits as long as it would have, and not longer', () => {
  const { rests, gone, pass, take, connectionLost } = setUp({ dialect: rabbitmq })
  const again = { redelivered: 'true' }
  take('same', minute)
  take('other', minute)
  take('unmarked', minute)
  pass(20_000)
  rests.connectionLost()
  expect([connectionLost.mock.calls.length, rests.size]).toEqual([3, 0])
  take('same', minute, again)
  take('other', minute, again, { attempt: 2 })
  take('unmarked', minute)
  pass(2 * minute)
  expect(gone.map(([id, at]) => [id, at])).toEqual([
    ['same', minute + 1],
    ['other', 80_001],
    ['unmarked', 80_001],
  ])
})

test('of two copies the one that may begin first decides', () => {
  const { rests, gone, pass, take, jobOf } = setUp()
  const held = take('a', minute)
  rests.hasCopy(held, jobOf('a', { wait_ms: 2 * minute }))
  pass(10_000)
  rests.hasCopy(held, jobOf('a', { wait_ms: 5_000 }))
  pass(10_000)
  expect(gone).toEqual([['a', 15_000, 0]])
  const other = take('b', minute)
  rests.hasCopy(other, jobOf('b', {}))
  pass(0)
  expect(gone.slice(1)).toEqual([['b', 20_000, 0]])
  expect(rests.size).toBe(0)
})

test('what the broker says of its time counts for the connection that it came by', () => {
  const time = new BrokerTime()
  time.heard('1700000010000', 0)
  time.heard('1700000000000', 5_000)
  time.heard(undefined, 5_000)
  time.heard('soon', 5_000)
  expect(['1700000000000', '1700000020000', undefined, '0x10'].map(at => time.sinceMs(at, 6_000))).toEqual([
    16_000, 0, 0, 0,
  ])
  time.connectionLost()
  expect(time.sinceMs('1700000000000', 7_000)).toBe(0)
})
