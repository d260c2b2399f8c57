import type { ReactiveControllerHost } from 'lit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SecondsController } from './seconds.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 10_300 })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function widget(isNeeded?: () => boolean) {
  const renders: number[] = []
  const host = { addController() {}, requestUpdate: () => void renders.push(Date.now()) }
  const seconds = new SecondsController(host as unknown as ReactiveControllerHost, isNeeded)
  seconds.hostConnected()
  return { renders, seconds }
}

test('widgets that begin at different moments render at the same ones, until they are taken out', () => {
  vi.stubGlobal('document', { visibilityState: 'visible' })
  const one = widget()
  vi.advanceTimersByTime(450)
  const two = widget()
  vi.advanceTimersByTime(2000)
  expect(one.renders).toEqual([11_000, 12_000])
  expect(two.renders).toEqual(one.renders)
  one.seconds.hostDisconnected()
  vi.advanceTimersByTime(1000)
  expect(one.renders).toHaveLength(2)
  expect(two.renders).toHaveLength(3)
})

test('nothing renders in a hidden tab, nor where nothing counts; both go on when that ends', () => {
  vi.stubGlobal('document', { visibilityState: 'hidden' })
  let isNeeded = false
  const { renders } = widget(() => isNeeded)
  vi.advanceTimersByTime(2000)
  vi.stubGlobal('document', { visibilityState: 'visible' })
  vi.advanceTimersByTime(2000)
  expect(renders).toEqual([])
  isNeeded = true
  vi.advanceTimersByTime(1000)
  expect(renders).toEqual([15_000])
})
