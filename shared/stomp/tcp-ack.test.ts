import { expect, test, vi } from 'vitest'
import { systemClock } from '../clock.ts'
import { createTcpAck } from './tcp-ack.ts'

test('an EOL leaves for what was heard, once, unless something else left meanwhile', () => {
  vi.useFakeTimers()
  try {
    const send = vi.fn()
    const ack = createTcpAck(systemClock, send)
    ack.heard()
    ack.heard()
    vi.runAllTimers()
    expect(send).toHaveBeenCalledTimes(1)
    ack.heard()
    ack.said()
    vi.runAllTimers()
    expect(send).toHaveBeenCalledTimes(1)
    ack.heard()
    ack.stop()
    vi.runAllTimers()
    expect(send).toHaveBeenCalledTimes(1)
  } finally {
    vi.useRealTimers()
  }
})
