/** Where files share a process: what one has changed for all is put back, and a clock that still stands is named. */
import { afterAll, vi } from 'vitest'

afterAll(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  if (!vi.isFakeTimers()) return
  vi.useRealTimers()
  throw new Error('The next file would have fake timers too; call vi.useRealTimers() after each test')
})
