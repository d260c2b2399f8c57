import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ground, longAfter } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('Slots that drain leave what comes to the broker, and close a lane once what it had in hand is settled', async () => {
  const { slots, lanes, deliver, running, end, handed } = ground(1, ['a'])
  deliver('a')
  slots.drain()
  deliver('a')
  expect(handed(2).leave()).toBe(true)
  expect(lanes('a')).toBe(1)
  end(running[0]!)
  expect(lanes('a')).toBe(0)
})

test('Slots that drain close no lane under what is being settled', async () => {
  const { slots, lanes, deliver, running, end, handed } = ground(1, ['a'])
  deliver('a')
  slots.drain()
  deliver('a')
  end(running[0]!)
  expect(lanes('a')).toBe(1)
  handed(2).settled()
  expect(lanes('a')).toBe(0)
})

test('Slots that drain where it would be a loss turn a full queue round a few times, then leave it; a marked one at once', async () => {
  const { slots, lanes, deliver, handed } = ground(2, ['a'], false)
  deliver('a', 0)
  deliver('a', 1)
  slots.drain()
  const left: boolean[] = []
  for (let id = 3; id < 7; id++) {
    deliver('a', 0)
    left.push(handed(id).leave())
    if (!left.at(-1)) handed(id).settled()
  }
  expect(left).toEqual([false, false, false, true])
  deliver('a', 1, { redelivered: 'true' })
  expect(handed(7).leave()).toBe(true)
  handed(1).settled()
  handed(2).settled()
  await longAfter()
  expect(lanes('a')).toBe(0)
})

test('Slots that drain where it would be a loss wait for what the last ACK brought before they close a lane', async () => {
  const { slots, lanes, deliver, running, end, handed } = ground(1, ['a'], false)
  deliver('a')
  slots.drain()
  end(running[0]!)
  const closing = slots.closing()
  deliver('a')
  await longAfter()
  expect([await closing, lanes('a')]).toEqual([true, 1])
  expect(handed(2).leave()).toBe(false)
  handed(2).settled()
  await longAfter()
  expect([await slots.closing(), lanes('a')]).toEqual([false, 0])
})

test('Slots that drain close idle lanes at once and the others as their jobs are settled', async () => {
  const { slots, lanes, deliver, running, end } = ground(2, ['a', 'b'])
  deliver('a')
  slots.drain()
  expect([lanes('a'), lanes('b')]).toEqual([1, 0])
  end(running[0]!)
  expect(lanes('a')).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})
