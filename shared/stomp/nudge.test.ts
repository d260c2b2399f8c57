import { expect, test, vi } from 'vitest'
import { systemClock } from '../clock.ts'
import { createNudge } from './nudge.ts'

test('an EOL leaves for what was heard, once, unless something else left meanwhile', () => {
  vi.useFakeTimers()
  try {
    const send = vi.fn()
    const nudge = createNudge(systemClock, send)
    nudge.heard()
    nudge.heard()
    vi.runAllTimers()
    expect(send).toHaveBeenCalledTimes(1)
    nudge.heard()
    nudge.said()
    vi.runAllTimers()
    expect(send).toHaveBeenCalledTimes(1)
    nudge.heard()
    nudge.stop()
    vi.runAllTimers()
    expect(send).toHaveBeenCalledTimes(1)
  } finally {
    vi.useRealTimers()
  }
})
