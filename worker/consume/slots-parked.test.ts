/** A job whose outcome waits for a master that does not read stands for no slot. */
import { expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { classic, type Incoming } from '../../shared/stomp/mod.ts'
import type { Delivery } from '../delivery.ts'
import { fakeHeldJob, fakeQueues, fakeSession } from '../testing.ts'
import { QueueSubscriptions } from './queue-subscriptions.ts'
import { Slots } from './slots.ts'
import { TaskLimits } from './task-limits.ts'

test('Slots open another subscription for a job that is parked, once, and close it when that is settled', async () => {
  vi.useFakeTimers()
  const opened: ((incoming: Incoming) => void)[] = []
  const delivery: Delivery[] = []
  const log = { started: 0, closed: 0 }
  const clock = { ...systemClock, steady: () => 0 }
  const subscriptions = new QueueSubscriptions({
    stomp: {
      subscribe(_, onMessage) {
        opened.push(onMessage)
        return { ready: Promise.resolve(), unsubscribe: async () => void log.closed++ }
      },
    },
    queues: fakeQueues([['a']]),
    session: () => ({ ...fakeSession, dialect: { ...classic, unsubscribeReturns: true } }),
    clock,
  })
  const slots = new Slots({
    concurrency: 1,
    clock,
    subscriptions,
    heldJobs: { listen() {}, inHand: () => 0 },
    limits: new TaskLimits({ concurrency: 1, implementations: new Map(), clock }),
    ends: { requeued() {}, requeue: async () => {}, connectionLost() {} },
  })
  slots.listen({ start: () => void log.started++ })
  subscriptions.listen({
    delivered(task, one) {
      delivery.push(one)
      slots.offer(fakeHeldJob({ task }))
    },
  })
  const deliver = (subscription: number) => opened[subscription]!({ headers: {}, body: '', destination: 'a', ack() {} })
  slots.adjust()
  deliver(0)
  slots.free({ task: 'a' })
  expect(opened, 'its subscription is all there is').toHaveLength(1)
  delivery[0]!.park()
  delivery[0]!.park()
  expect(opened).toHaveLength(2)
  deliver(1)
  expect(log).toEqual({ started: 2, closed: 0 })
  delivery[1]!.settled()
  slots.free({ task: 'a' })
  delivery[0]!.settled()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(log.closed).toBe(1)
  vi.useRealTimers()
})
