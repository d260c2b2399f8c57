import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../clock.ts'
import { createRetry } from './retry.ts'
import { onWake } from './wake.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A page whose events a test fires. */
function page() {
  const window = new EventTarget()
  const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
  const around = Object.assign(window, { document })
  const fire = (target: EventTarget) => (type: string) => void target.dispatchEvent(new Event(type))
  return { around, document, ofWindow: fire(window), ofDocument: fire(document) }
}

/** A try that is waiting for 20 s. */
function waiting(wakes = true) {
  const tried: number[] = []
  const stalled: number[] = []
  const waits: number[] = []
  const beganAt = Date.now()
  const retry = createRetry({
    random: () => 0.999,
    clock: systemClock,
    backoff: { baseMs: 20_000, capMs: 20_000 },
    wakes,
    connect() {
      tried.push(Date.now() - beganAt)
      retry.began()
    },
    onWait: retryAt => waits.push(retryAt - beganAt),
    onStalled: () => stalled.push(Date.now() - beganAt),
  })
  retry.began()
  retry.wait(false)
  return { retry, tried, stalled, waits }
}

test.for(['online', 'pageshow', 'focus', 'visibilitychange', 'resume'])(
  'at %s a try that waits begins within 2 s',
  type => {
    const { around, document, ofWindow, ofDocument } = page()
    vi.stubGlobal('document', document)
    vi.stubGlobal('addEventListener', around.addEventListener.bind(around))
    vi.stubGlobal('removeEventListener', around.removeEventListener.bind(around))
    const { retry, tried, waits } = waiting()
    vi.advanceTimersByTime(500)
    ofDocument('visibilitychange') // into the background
    document.visibilityState = 'visible'
    for (let n = 0; n < 5; n++) {
      ofWindow(type)
      ofDocument(type)
    }
    expect(waits).toEqual([19_980, 1499])
    vi.advanceTimersByTime(2000)
    expect(tried).toEqual([1499])
    retry.stop()
    ofWindow('online')
    expect([vi.getTimerCount(), waits.length]).toEqual([0, 2])
  },
)

test('after a sleep a try that waits begins within 2 s', () => {
  const { retry, tried } = waiting()
  vi.advanceTimersByTime(2000)
  vi.setSystemTime(Date.now() + 3_600_000)
  vi.advanceTimersByTime(1500)
  expect(tried.map(at => at - 3_600_000)).toEqual([3499])
  retry.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('who does not wake waits to the end', () => {
  const { tried } = waiting(false)
  vi.advanceTimersByTime(2000)
  vi.setSystemTime(Date.now() + 3_600_000)
  vi.advanceTimersByTime(17_000)
  expect(tried).toEqual([])
  vi.advanceTimersByTime(1000)
  expect(tried).toHaveLength(1)
})

test('a try under way for long is given up when the network is back', () => {
  const { around, document, ofWindow } = page()
  vi.stubGlobal('document', document)
  vi.stubGlobal('addEventListener', around.addEventListener.bind(around))
  vi.stubGlobal('removeEventListener', around.removeEventListener.bind(around))
  const { retry, stalled } = waiting()
  retry.began()
  vi.advanceTimersByTime(1000)
  ofWindow('online')
  expect(stalled).toEqual([])
  vi.advanceTimersByTime(3000)
  ofWindow('online')
  expect(stalled).toEqual([4000])
  retry.stop()
})

test('outside of a page there is nothing to listen to', () => {
  expect(onWake(() => {}, {})()).toBeUndefined()
})
