/** How a bridge that ends tells its sessions, one after the other, and which ones it ends for their unread messages. */
import { expect, test } from 'vitest'
import type { Clock } from '../../shared/clock.ts'
import { defaultLimits } from '../limits.ts'
import { type RegisteredSession, SessionRegistry } from './session-registry.ts'

/** Each wait is over at once, and moves the time on. */
function makeClock(): Clock {
  let at = 1_000
  return {
    now: () => at,
    steady: () => at,
    timer(ms, fire) {
      queueMicrotask(() => {
        at += ms
        fire()
      })
      return () => {}
    },
  }
}

const sessionThat = (retire: () => void): RegisteredSession => ({
  address: '127.0.0.1',
  owner: 'foo',
  unfinishedBytes: 0,
  unsentBytes: { browser: 0, broker: 0 },
  retire: async () => retire(),
  tick() {},
  end() {},
})

test.each([
  ['few need little time', 3, 20_000, 100],
  ['many share half of the time', 1_001, 4_000, 1_998],
  ['nobody is waited for', 0, 4_000, 0],
] as const)('a drain tells the sessions over a while: %s', async (_, count, withinMs, lastMs) => {
  const clock = makeClock()
  const registry = new SessionRegistry(defaultLimits, clock)
  const told: number[] = []
  for (let at = 0; at < count; at++) {
    const session = sessionThat(() => told.push(clock.steady() - 1_000))
    registry.add(session)
    registry.admit(session, 'foo')
  }
  const drained = registry.drain(withinMs, clock)
  expect(() => registry.checkRoom()).toThrow('The bridge is shutting down')
  await drained
  expect(told).toHaveLength(count)
  expect(told).toEqual(told.toSorted((a, b) => a - b))
  expect(Math.round(told.at(-1) ?? 0)).toBe(lastMs)
})

test('a drain that is over leaves no timer, which would keep its process', async () => {
  const timers = new Set<object>()
  const clock: Clock = {
    now: () => 0,
    steady: () => 0,
    timer() {
      const timer = {}
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  }
  const registry = new SessionRegistry(defaultLimits, clock)
  const session = sessionThat(() => {})
  registry.add(session)
  await registry.drain(60_000, clock)
  expect(timers.size).toBe(0)
})

test('sessions are ended for large messages that wait through two ticks, and not for those that leave', () => {
  const most = defaultLimits.maxOwnerUnfinishedBytes
  const registry = new SessionRegistry(defaultLimits, makeClock())
  const ended: string[] = []
  const waiting = (name: string, bytes: readonly number[]): RegisteredSession => {
    let tick = -1
    return {
      ...sessionThat(() => {}),
      get unsentBytes() {
        return { browser: bytes[Math.max(0, tick)]!, broker: 0 }
      },
      tick: () => void tick++,
      end: ({ code }) => void ended.push(`${name} ${code}`),
    }
  }
  for (const session of [waiting('reads', [most, 1_000_000]), waiting('still', [most * 2, most * 2])]) {
    registry.add(session)
    registry.admit(session, 'foo')
  }
  registry.tick(1_000)
  expect(ended).toEqual([])
  registry.tick(1_000)
  expect(ended).toEqual(['still slow_reader'])
})
