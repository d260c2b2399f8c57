import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { longAfter, setUp } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('Slots that drain leave new jobs to the broker, and close a subscription once its jobs in hand are settled', async () => {
  const { slots, subscriptions, deliver, running, end, delivery } = setUp(1, ['a'])
  deliver('a')
  slots.drain()
  deliver('a')
  expect(delivery(2).leaveUnsettled()).toBe(true)
  expect(subscriptions('a')).toBe(1)
  end(running[0]!)
  expect(subscriptions('a')).toBe(0)
})

test('Slots that drain close no subscription under a job that is being settled', async () => {
  const { slots, subscriptions, deliver, running, end, delivery } = setUp(1, ['a'])
  deliver('a')
  slots.drain()
  deliver('a')
  end(running[0]!)
  expect(subscriptions('a')).toBe(1)
  delivery(2).settled()
  expect(subscriptions('a')).toBe(0)
})

test('Slots that drain where it would be a loss turn a full queue round a few times, then leave it; a marked one at once', async () => {
  const { slots, subscriptions, deliver, delivery } = setUp(2, ['a'], false)
  deliver('a', 0)
  deliver('a', 1)
  slots.drain()
  const left: boolean[] = []
  for (let id = 3; id < 7; id++) {
    deliver('a', 0)
    left.push(delivery(id).leaveUnsettled())
    if (!left.at(-1)) delivery(id).settled()
  }
  expect(left).toEqual([false, false, false, true])
  deliver('a', 1, { redelivered: 'true' })
  expect(delivery(7).leaveUnsettled()).toBe(true)
  delivery(1).settled()
  delivery(2).settled()
  await longAfter()
  expect(subscriptions('a')).toBe(0)
})

test('Slots that drain where it would be a loss wait for the job that the last ACK brought before they close a subscription', async () => {
  const { slots, subscriptions, deliver, running, end, delivery } = setUp(1, ['a'], false)
  deliver('a')
  slots.drain()
  end(running[0]!)
  const closing = slots.closing()
  deliver('a')
  await longAfter()
  expect([await closing, subscriptions('a')]).toEqual([true, 1])
  expect(delivery(2).leaveUnsettled()).toBe(false)
  delivery(2).settled()
  await longAfter()
  expect([await slots.closing(), subscriptions('a')]).toEqual([false, 0])
})

test('Slots that drain close idle subscriptions at once and the others as their jobs are settled', async () => {
  const { slots, subscriptions, deliver, running, end } = setUp(2, ['a', 'b'])
  deliver('a')
  slots.drain()
  expect([subscriptions('a'), subscriptions('b')]).toEqual([1, 0])
  end(running[0]!)
  expect(subscriptions('a')).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('Slots that drain are careful no longer, and leave no timer of it', () => {
  const { slots } = setUp(2, ['a', 'b'])
  slots.beCareful()
  slots.drain()
  expect(vi.getTimerCount()).toBe(0)
  slots.beCareful()
  expect(vi.getTimerCount()).toBe(0)
})
