/** A job whose outcome waits for one who does not read stands for no slot. */
import { expect, test, vi } from 'vitest'
import type { Incoming } from '../../shared/stomp/mod.ts'
import type { Handed } from './handed.ts'
import { Slots } from './slots.ts'

test('Slots open another lane for what is parked, once, and close it when that is settled', async () => {
  vi.useFakeTimers()
  const lanes: ((task: string, incoming: Incoming) => void)[] = []
  const groups = [['a']]
  const handed: Handed[] = []
  const log = { started: 0, closed: 0 }
  const slots: Slots<{ task: string; mode: 'queue' }> = new Slots({
    concurrency: 1,
    groups: () => groups,
    steady: () => 0,
    handedOf: () => [],
    isBack: () => {},
    open(_, onMessage) {
      lanes.push(onMessage)
      return { ready: Promise.resolve(), unsubscribe: async () => void log.closed++ }
    },
    delivered(task, one) {
      handed.push(one)
      slots.offer({ task, mode: 'queue' })
    },
    start: () => void log.started++,
    giveBack: async () => {},
    resting: () => [],
    mayClose: () => true,
    mayCloseUnused: () => false,
    inHand: () => 0,
  })
  const deliver = (lane: number) => lanes[lane]!('a', { headers: {}, body: '', destination: 'a', ack() {} })
  slots.adjust()
  deliver(0)
  slots.free()
  expect(lanes, 'its lane is all there is').toHaveLength(1)
  handed[0]!.park()
  handed[0]!.park()
  expect(lanes).toHaveLength(2)
  deliver(1)
  expect(log).toEqual({ started: 2, closed: 0 })
  handed[1]!.settled()
  slots.free()
  handed[0]!.settled()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(log.closed).toBe(1)
  vi.useRealTimers()
})
