import { expect, test } from 'vitest'
import type { Stopped } from '../held-job.ts'
import { stopNumber } from './messages.ts'
import { createRunSignal } from './run-signal.ts'
import { newStopFlag, raiseFlag } from './stop-flag.ts'

test.for<[Stopped['why'], string]>([
  ['cancelled', 'cancelled'],
  ['timed_out', 'timed_out'],
  ['shutdown', 'closed'],
  ['held_too_long', 'held_too_long'],
  ['paused', 'closed'],
])('code that does not yield sees at its signal that it is to stop: %s', ([why, code]) => {
  const flag = newStopFlag()
  const { signal } = createRunSignal(flag, 2)
  raiseFlag(flag, 1, stopNumber(why))
  expect(signal.aborted, 'that was for the run before').toBe(false)
  raiseFlag(flag, 2, stopNumber(why))
  expect(() => signal.throwIfAborted()).toThrow(expect.objectContaining({ code }))
  expect([signal.aborted, signal.reason.code]).toEqual([true, code])
})
