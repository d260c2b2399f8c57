/** A worker has no time of its own: all that it waits for, it waits for by the clock that it is given. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import type { Clock } from '../shared/clock.ts'
import { defineTask } from '../shared/contract/mod.ts'
import { implement } from './implement.ts'
import { fakeRuntime, fakeStomp } from './testing.ts'
import { createWorker } from './worker.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'Date', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** Time that passes only when a test says so; between two timers, all that can go on does. */
function simulatedClock() {
  let now = 0
  const timers = new Map<() => void, number>()
  const clock: Clock = {
    now: () => 1_000_000 + now,
    steady: () => now,
    timer(ms, fire) {
      const once = (): void => fire()
      timers.set(once, now + ms)
      return () => void timers.delete(once)
    },
  }
  const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
  const pass = async (ms: number): Promise<void> => {
    const until = now + ms
    for (;;) {
      await settle()
      const [next] = [...timers].filter(([, at]) => at <= until).sort(([, one], [, other]) => one - other)
      if (next === undefined) break
      now = Math.max(now, next[1])
      timers.delete(next[0])
      next[0]()
    }
    now = until
  }
  return { clock, pass }
}

test('a worker beats, reports, gives a run its grace and drains on simulated time, and makes no timer', async () => {
  const { clock, pass } = simulatedClock()
  const stomp = fakeStomp()
  const ids = ['w', ...Array.from({ length: 99 }, (_, n) => `id ${n}`)]
  const runtime = { ...fakeRuntime(stomp), clock, newId: () => ids.shift()! }
  const input = z.unknown()
  const deaf = implement(defineTask('deaf', { input, timeoutMs: 10_000 }), (_, job) => {
    job.progress(1)
    job.progress(2)
    return new Promise(() => {})
  })
  const worker = await createWorker({ url: 'stomp://localhost', tasks: [deaf] }, runtime)
  expect(worker.worker_id).toBe('w')
  const body = JSON.stringify({ request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11', task: 'deaf', input: 1 })
  const destination = '/queue/myapp.tasks.deaf'
  stomp.readers.get(destination)!({ headers: {}, body, destination, ack() {} })
  await pass(13_000)
  const told = stomp.sent.map(one => JSON.parse(one.body) as { type: string; at?: number })
  const at = (type: string) =>
    told.flatMap(one => (one.type === type && one.at !== undefined ? [one.at - 1_000_000] : []))
  expect(at('progress')).toEqual([0, 100])
  expect(at('beat')).toEqual([5_000, 10_000])
  expect(at('cancelled'), 'its deadline, and 2 s of grace').toEqual([12_000])
  expect(vi.getTimerCount(), 'timers of its own').toBe(0)
  const drained = worker.drain()
  await pass(60_000)
  await drained
  expect(vi.getTimerCount()).toBe(0)
})
