import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { classic, dialects, type Incoming } from '../../shared/stomp/mod.ts'
import type { Delivery } from '../delivery.ts'
import { Pauses } from '../pauses.ts'
import { fakeQueues, fakeSession } from '../testing.ts'
import { QueueSubscriptions } from './queue-subscriptions.ts'
import { Queues } from './queues.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  let deliver = (_incoming: Incoming): void => {}
  const delivery: Delivery[] = []
  const subscriptions = new QueueSubscriptions({
    stomp: {
      subscribe(_options, onMessage) {
        deliver = onMessage
        return { ready: Promise.resolve(), unsubscribe: async () => {} }
      },
    },
    queues: fakeQueues([['a', 'b']]),
    session: () => ({ ...fakeSession, dialect: { ...classic, unsubscribeReturns: false } }),
    clock: systemClock,
  })
  subscriptions.listen({ delivered: (_task, one) => void delivery.push(one) })
  subscriptions.open(subscriptions.groups[0]!)
  const askForMore = vi.fn()
  deliver({ headers: {}, body: '', destination: 'a', ack() {}, askForMore })
  return { subscriptions, delivery: delivery[0]!, asked: () => askForMore.mock.calls.length }
}

test('a subscription asks for jobs that are kept back behind one that stays long, ever more seldom', async () => {
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

test.for([
  ['embedded', 0],
  ['artemis', 0],
  ['classic', 50],
  ['rabbitmq', 500],
] as const)('a worker that drains on %s closes an idle subscription after %i ms without a job', async ([name, ms]) => {
  let deliver = (_incoming: Incoming): void => {}
  const unsubscribe = vi.fn(async () => {})
  const subscriptions = new QueueSubscriptions({
    stomp: {
      subscribe(_options, onMessage) {
        deliver = onMessage
        return { ready: Promise.resolve(), unsubscribe }
      },
    },
    queues: fakeQueues([['a']]),
    session: () => ({ ...fakeSession, dialect: dialects[name] }),
    clock: systemClock,
  })
  const came: Delivery[] = []
  subscriptions.listen({ delivered: (_task, one) => void came.push(one) })
  subscriptions.open(subscriptions.groups[0]!)
  subscriptions.drain()
  if (ms > 0) {
    await vi.advanceTimersByTimeAsync(ms - 1)
    deliver({ headers: {}, body: '', destination: 'a', ack() {} })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(unsubscribe, 'a job that was on its way is in hand').not.toHaveBeenCalled()
    came[0]!.settled()
    await vi.advanceTimersByTimeAsync(ms - 1)
    subscriptions.drain()
    expect(unsubscribe, 'another may be on its way').not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
  }
  expect(unsubscribe).toHaveBeenCalledOnce()
  expect(await subscriptions.closing()).toBe(false)
})

test('a message is of the task whose queue it names', () => {
  const came: string[] = []
  const stomp = { subscribe: vi.fn(() => ({ ready: Promise.resolve(), unsubscribe: async () => {} })) }
  const session = () => fakeSession
  const queues = new Queues({
    session,
    tasks: ['a', 'b'],
    queueName: 'plum',
    isNamed: false,
    limits: { has: () => false },
    pauses: new Pauses(),
    problem() {},
  })
  const subscriptions = new QueueSubscriptions({ stomp, session, queues, clock: systemClock })
  subscriptions.listen({ delivered: task => void came.push(task) })
  subscriptions.open(subscriptions.groups[0]!)
  const [, deliver] = stomp.subscribe.mock.calls[0] as unknown as [unknown, (incoming: Incoming) => void]
  for (const destination of ['/queue/myapp.tasks.b', '/queue/myapp.tasks.a', '/queue/elsewhere'])
    deliver({ headers: {}, body: '', destination, ack() {} })
  expect(came).toEqual(['b', 'a', 'a'])
})
