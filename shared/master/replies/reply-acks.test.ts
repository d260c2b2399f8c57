import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../clock.ts'
import type { Incoming } from '../../stomp/mod.ts'
import { ReplyAcks } from './reply-acks.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  const acked: number[] = []
  const told = { stuck: 0 }
  const acks = new ReplyAcks(systemClock, () => void told.stuck++)
  let came = 0
  const take = (): Incoming => {
    const at = ++came
    return acks.take({ headers: {}, body: '', destination: '', ack: () => void acked.push(at) })
  }
  return { acks, acked, told, take }
}

test('those of a turn are acknowledged by the last of them', () => {
  const { acked, take } = setUp()
  for (const one of [take(), take(), take()]) one.ack()
  expect(acked).toEqual([])
  vi.advanceTimersByTime(1)
  expect(acked).toEqual([3])
  expect(vi.getTimerCount()).toBe(0)
})

test('many are acknowledged at once', () => {
  const { acked, take } = setUp()
  for (let at = 0; at < 40; at++) take().ack()
  expect(acked).toEqual([32])
})

test('none is acknowledged before one that came earlier, and after a second of that it is told', () => {
  const { acks, acked, told, take } = setUp()
  const [first, second, third] = [take(), take(), take()]
  second.ack()
  vi.advanceTimersByTime(500)
  expect([acked, told.stuck]).toEqual([[], 0])
  first.ack()
  vi.advanceTimersByTime(2_000)
  expect([acked, told.stuck]).toEqual([[2], 0])
  take().ack()
  vi.advanceTimersByTime(1_100)
  expect([acked, told.stuck]).toEqual([[2], 1])
  acks.stop()
  third.ack()
  vi.advanceTimersByTime(1_100)
  expect([acked, vi.getTimerCount()]).toEqual([[2], 0])
})
