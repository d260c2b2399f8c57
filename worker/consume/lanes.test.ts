import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Handed } from './handed.ts'
import { Lanes, type LanesPorts } from './lanes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function ground() {
  let deliver: Parameters<LanesPorts['open']>[1] = () => {}
  const handed: Handed[] = []
  const lanes = new Lanes({
    groups: () => [['a', 'b']],
    open(_group, onMessage) {
      deliver = onMessage
      return { ready: Promise.resolve(), unsubscribe: async () => {} }
    },
    delivered: (_task, one) => void handed.push(one),
    mayClose: () => false,
    kept: () => undefined,
    letGo() {},
    parked: () => {},
  })
  lanes.open(lanes.groups[0]!)
  const askForMore = vi.fn()
  deliver('a', { headers: {}, body: '', destination: '', ack() {}, askForMore })
  return { lanes, handed: handed[0]!, asked: () => askForMore.mock.calls.length }
}

test('a lane asks for what is kept back behind a job that stays long, ever more seldom', async () => {
  const { asked, handed } = ground()
  const times: number[] = []
  for (let s = 1; s <= 200; s++) {
    await vi.advanceTimersByTimeAsync(1_000)
    if (asked() > times.length) times.push(s)
  }
  expect(times).toEqual([5, 15, 35, 75, 155])
  handed.settled()
  await vi.advanceTimersByTimeAsync(1_000_000)
  expect(asked()).toBe(times.length)
})

test('a lane asks for nothing while the ACK of its job is on its way, and again once that was refused', async () => {
  const { asked, handed } = ground()
  handed.ack()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(asked()).toBe(0)
  handed.refused()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(asked()).toBe(1)
})

test.for([
  ['its job is settled', ({ handed }: ReturnType<typeof ground>) => handed.settled()],
  ['its job is put back', ({ handed }: ReturnType<typeof ground>) => handed.putBack()],
  ['its connection is gone', ({ lanes }: ReturnType<typeof ground>) => lanes.connectionLost()],
  ['its worker drains', ({ lanes }: ReturnType<typeof ground>) => lanes.drain()],
] as const)('a lane asks for nothing more once %s, and leaves no timer', async ([, end]) => {
  const all = ground()
  end(all)
  expect(vi.getTimerCount()).toBe(0)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(all.asked()).toBe(0)
})
