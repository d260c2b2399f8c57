import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import type { Delivery } from '../delivery.ts'
import { QueueSubscriptions, type QueueSubscriptionsPorts } from './queue-subscriptions.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  let deliver: Parameters<QueueSubscriptionsPorts['open']>[1] = () => {}
  const delivery: Delivery[] = []
  const subscriptions = new QueueSubscriptions({
    groups: () => [['a', 'b']],
    open(_group, onMessage) {
      deliver = onMessage
      return { ready: Promise.resolve(), unsubscribe: async () => {} }
    },
    delivered: (_task, one) => void delivery.push(one),
    clock: systemClock,
    mayClose: () => false,
    kept: () => undefined,
    letGo() {},
    parked: () => {},
  })
  subscriptions.open(subscriptions.groups[0]!)
  const askForMore = vi.fn()
  deliver('a', { headers: {}, body: '', destination: '', ack() {}, askForMore })
  return { subscriptions, delivery: delivery[0]!, asked: () => askForMore.mock.calls.length }
}

test('a subscription asks for what is kept back behind a job that stays long, ever more seldom', async () => {
  const { asked, delivery } = setUp()
  const times: number[] = []
  for (let s = 1; s <= 200; s++) {
    await vi.advanceTimersByTimeAsync(1_000)
    if (asked() > times.length) times.push(s)
  }
  expect(times).toEqual([5, 15, 35, 75, 155])
  delivery.settled()
  await vi.advanceTimersByTimeAsync(1_000_000)
  expect(asked()).toBe(times.length)
})

test('a subscription asks for nothing while the ACK of its job is on its way, and again once that was refused', async () => {
  const { asked, delivery } = setUp()
  delivery.ack()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(asked()).toBe(0)
  delivery.refused()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(asked()).toBe(1)
})

test.for([
  ['its job is settled', ({ delivery }: ReturnType<typeof setUp>) => delivery.settled()],
  ['its job is put back', ({ delivery }: ReturnType<typeof setUp>) => delivery.requeue()],
  ['its connection is gone', ({ subscriptions }: ReturnType<typeof setUp>) => subscriptions.connectionLost()],
  ['its worker drains', ({ subscriptions }: ReturnType<typeof setUp>) => subscriptions.drain()],
] as const)('a subscription asks for nothing more once %s, and leaves no timer', async ([, end]) => {
  const all = setUp()
  end(all)
  expect(vi.getTimerCount()).toBe(0)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(all.asked()).toBe(0)
})
