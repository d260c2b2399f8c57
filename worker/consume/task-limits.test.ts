/** Tasks with limits of their own, beside one without. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { implement } from '../implement.ts'
import { type Job, longAfter, offerExclusive, setUp } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test.each([true, false])(
  'a task at its concurrency has no more subscriptions than jobs, and the others go on; may close: %s',
  async mayClose => {
    const { subscriptions, deliver, running, end } = setUp(4, ['a', 'b'], mayClose, undefined, {
      a: { concurrency: 2 },
    })
    expect([subscriptions('a'), subscriptions('b')]).toEqual([2, 4])
    for (const nth of [0, 1]) deliver('a', nth)
    await longAfter()
    expect([subscriptions('a'), running.length]).toEqual([2, 2])
    for (const nth of [0, 1]) deliver('b', nth)
    expect(running.map(({ task }) => task)).toEqual(['a', 'a', 'b', 'b'])
    end(running[0]!)
    expect(subscriptions('a')).toBe(2)
    deliver('a')
    expect(running.map(({ task }) => task)).toEqual(['a', 'b', 'b', 'a'])
  },
)

test('no time of its length sees more starts than a rate allows, and each start that it allows has a subscription', async () => {
  const { subscriptions, deliver, running, end, log } = setUp(4, ['a'], true, undefined, {
    a: { rate: { jobs: 3, perMs: 10_000 } },
  })
  const starts: number[] = []
  const begin = Date.now()
  for (let ms = 0; ms < 60_000; ms += 100) {
    while (subscriptions('a') > 0 && starts.length < 100) {
      const before = running.length
      deliver('a')
      if (running.length === before) break // it waits, and goes back
      starts.push(Date.now() - begin)
      end(running[0]!)
    }
    await vi.advanceTimersByTimeAsync(100)
  }
  for (const [at, ms] of starts.entries()) expect((starts[at + 3] ?? 1e9) - ms).toBeGreaterThanOrEqual(10_000)
  expect(starts).toHaveLength(3 * 6)
  expect(log.closed, 'it is closed when it may begin nothing').toBeGreaterThan(0)
})

test.each([true, false])('a job past its rate goes back to others after a grace, may close: %s', async mayClose => {
  const { subscriptions, deliver, running, end, requeued, republished, slots } = setUp(
    2,
    ['a', 'b'],
    mayClose,
    undefined,
    {
      a: { rate: { jobs: 1, perMs: 60_000 } },
    },
  )
  deliver('a')
  end(running[0]!)
  deliver('a')
  expect(running).toEqual([])
  await longAfter()
  expect([slots.waiting, [...requeued, ...republished]]).toEqual([[], [2]])
  if (mayClose) expect(subscriptions('a')).toBe(0)
  deliver('b')
  expect(running).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(subscriptions('a')).toBeGreaterThan(0)
  deliver('a')
  expect(running).toHaveLength(2)
})

test('a broadcast past a limit waits for it, and the jobs behind it do not', async () => {
  const { broadcast, deliver, running, end } = setUp(2, ['a', 'b'], true, undefined, {
    a: { concurrency: 1, rate: { jobs: 2, perMs: 10_000 } },
  })
  const [first, second, third] = [broadcast('a'), broadcast('a'), broadcast('a')]
  deliver('b')
  expect(running.map(({ id }) => id)).toEqual([first!.id, 4])
  end(first!)
  expect(running.map(({ id }) => id)).toEqual([4, second!.id])
  end(second!)
  await vi.advanceTimersByTimeAsync(9_999)
  expect(running.map(({ id }) => id)).toEqual([4])
  await vi.advanceTimersByTimeAsync(1)
  expect(running.map(({ id }) => id)).toEqual([4, third!.id])
})

test('a job that is to run by itself waits for its rate, too', async () => {
  const testBed = setUp(2, ['a'], true, undefined, { a: { rate: { jobs: 1, perMs: 3_000 } } })
  testBed.deliver('a')
  testBed.end(testBed.running[0]!)
  const alone: Job = offerExclusive(testBed)
  await vi.advanceTimersByTimeAsync(2_900)
  expect(testBed.running).toEqual([])
  await vi.advanceTimersByTimeAsync(100)
  expect(testBed.running).toEqual([alone])
})

test('a worker that drains waits for no rate', async () => {
  const { slots, deliver, running, end } = setUp(1, ['a'], true, undefined, { a: { rate: { jobs: 1, perMs: 1e9 } } })
  deliver('a')
  end(running[0]!)
  expect(vi.getTimerCount()).toBeGreaterThan(0)
  slots.drain()
  expect(vi.getTimerCount()).toBe(0)
})

const task = { name: 'a' } as Parameters<typeof implement>[0]

test.each([
  [{ concurrency: 0 }, 'Task "a": concurrency is 0; expected a whole number from 1'],
  [{ concurrency: '4' as unknown as number }, 'Task "a": concurrency is "4"; expected a whole number from 1'],
  [{ rate: { jobs: 1.5, perMs: 1 } }, 'Task "a": rate.jobs is 1.5; expected a whole number from 1 to 100000'],
  [
    { rate: { jobs: 1 } as { jobs: number; perMs: number } },
    'Task "a": rate.perMs is undefined; expected a whole number from 1',
  ],
])('implement() refuses limits that are none: %j', (options, message) => {
  expect(() => implement(task, () => 1, options)).toThrow(expect.objectContaining({ code: 'task_invalid', message }))
})
