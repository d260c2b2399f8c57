/** Where files share a process, globals and mocks are put back, and fake timers that were left are named. */
import { afterAll, vi } from 'vitest'

afterAll(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  if (!vi.isFakeTimers()) return
  vi.useRealTimers()
  throw new Error('The next file would have fake timers too; call vi.useRealTimers() after each test')
})
