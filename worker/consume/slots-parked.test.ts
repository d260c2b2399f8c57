/** A job whose outcome waits for one who does not read stands for no slot. */
import { expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import type { Incoming } from '../../shared/stomp/mod.ts'
import type { Delivery } from '../delivery.ts'
import { Slots } from './slots.ts'

test('Slots open another subscription for what is parked, once, and close it when that is settled', async () => {
  vi.useFakeTimers()
  const subscriptions: ((task: string, incoming: Incoming) => void)[] = []
  const groups = [['a']]
  const delivery: Delivery[] = []
  const log = { started: 0, closed: 0 }
  const slots: Slots<{ task: string; mode: 'queue' }> = new Slots({
    concurrency: 1,
    groups: () => groups,
    clock: { ...systemClock, steady: () => 0 },
    deliveriesOf: () => [],
    requeued: () => {},
    open(_, onMessage) {
      subscriptions.push(onMessage)
      return { ready: Promise.resolve(), unsubscribe: async () => void log.closed++ }
    },
    delivered(task, one) {
      delivery.push(one)
      slots.offer({ task, mode: 'queue' })
    },
    start: () => void log.started++,
    requeue: async () => {},
    resting: () => [],
    mayClose: () => true,
    mayCloseUnused: () => false,
    inHand: () => 0,
  })
  const deliver = (subscription: number) =>
    subscriptions[subscription]!('a', { headers: {}, body: '', destination: 'a', ack() {} })
  slots.adjust()
  deliver(0)
  slots.free()
  expect(subscriptions, 'its subscription is all there is').toHaveLength(1)
  delivery[0]!.park()
  delivery[0]!.park()
  expect(subscriptions).toHaveLength(2)
  deliver(1)
  expect(log).toEqual({ started: 2, closed: 0 })
  delivery[1]!.settled()
  slots.free()
  delivery[0]!.settled()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(log.closed).toBe(1)
  vi.useRealTimers()
})
