import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../clock.ts'
import { agreedMs, startBeats, watchSilence } from './heart-beats.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

function ground() {
  const shift = { wallMs: 0, steadyMs: 0 }
  const now = () => Date.now() + shift.wallMs
  const clock = { ...systemClock, now, steady: () => performance.now() + shift.steadyMs }
  const heard: unknown[] = []
  const socket = { onmessage: ({ data }: { data: string | ArrayBuffer }): unknown => heard.push(data) }
  const onSilent = vi.fn<() => void>()
  const stop = watchSilence({ socket, intervalMs: 1000, clock, onSilent })
  return { shift, socket, heard, onSilent, stop, say: () => socket.onmessage({ data: '\n' }) }
}

test('two missing heart-beats are silence, and all that is heard is read on', () => {
  const { onSilent, say, heard } = ground()
  for (let beats = 0; beats < 5; beats++) {
    vi.advanceTimersByTime(1900)
    say()
  }
  expect([heard.length, onSilent.mock.calls.length]).toEqual([5, 0])
  vi.advanceTimersByTime(4000)
  expect(onSilent).toHaveBeenCalledOnce()
})

test.each([3_600_000, -3_600_000, 90_000])('a wall clock that is set by %d ms is no silence', ms => {
  const { onSilent, say, shift } = ground()
  for (let beats = 0; beats < 5; beats++) {
    shift.wallMs = beats === 2 ? ms : shift.wallMs
    vi.advanceTimersByTime(1000)
    say()
  }
  vi.advanceTimersByTime(1000)
  expect(onSilent).not.toHaveBeenCalled()
})

test('after a sleep that the steady clock did not count the next heart-beat has to come', () => {
  const { onSilent, shift } = ground()
  vi.advanceTimersByTime(900)
  shift.wallMs = 3_600_000
  vi.advanceTimersByTime(1700)
  expect(onSilent).toHaveBeenCalledOnce()
})

test('bytes that wait in the socket of a side that stood still are read first', () => {
  const { onSilent, shift, say } = ground()
  vi.advanceTimersByTime(900)
  shift.steadyMs = 30_000
  vi.advanceTimersByTime(100)
  vi.advanceTimersToNextTimer()
  say()
  vi.advanceTimersByTime(1500)
  expect(onSilent).not.toHaveBeenCalled()
  vi.advanceTimersByTime(3000)
  expect(onSilent).toHaveBeenCalledOnce()
})

test('nothing is watched after stop(), nor where no heart-beats were agreed on', () => {
  const { onSilent, stop } = ground()
  stop()
  vi.advanceTimersByTime(10_000)
  expect([onSilent.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0])
  watchSilence({ socket: { onmessage: null }, intervalMs: 0, clock: systemClock, onSilent })
  expect(vi.getTimerCount()).toBe(0)
})

test('ours leave once an interval while the socket is open, until they are stopped', () => {
  const socket = { readyState: 1, send: vi.fn<(data: unknown) => void>() }
  const stop = startBeats({ socket, intervalMs: 1000, clock: systemClock })
  vi.advanceTimersByTime(999)
  expect(socket.send).not.toHaveBeenCalled()
  vi.advanceTimersByTime(2001)
  expect(socket.send.mock.calls).toEqual([['\n'], ['\n'], ['\n']])
  socket.readyState = 2
  vi.advanceTimersByTime(1000)
  expect(socket.send).toHaveBeenCalledTimes(3)
  stop()
  startBeats({ socket, intervalMs: 0, clock: systemClock })
  expect(vi.getTimerCount()).toBe(0)
})

test.each([
  [1000, '500,0', '1.2', 1000],
  [1000, '5000,0', '1.1', 5000],
  [1000, '0,0', '1.2', 0],
  [0, '1000,0', '1.2', 0],
  [1000, '1000,0', '1.0', 0],
  [1000, undefined, '1.2', 0],
  [1000, 'soon', '1.2', 0],
  [1000, 'soon,often', '1.2', 0],
])('agreedMs(%d, %o, %s) is %d', (wanted, offered, version, ms) => {
  expect(agreedMs(wanted, offered, version)).toBe(ms)
})

test.for(['often', '', ' ', '-5', 'NaN'])('heart-beats that are no numbers are none: %j', offered => {
  expect(agreedMs(100, offered, '1.2')).toBe(0)
})
