import { expect, test } from 'vitest'
import { retryDelayMs } from './retry.ts'

const error = { name: 'Error', code: 'task_failed', message: '', retryable: true }

test.for([
  ['a task of one attempt', {}, 1, undefined],
  ['attempts that are left', { attempts: 3 }, 1, 1_000],
  ['the second failure', { attempts: 3 }, 2, 2_000],
  ['attempts that are used up', { attempts: 3 }, 3, undefined],
  ['the longest wait', { attempts: 100 }, 50, 60_000],
  ['a wait of its own', { attempts: 2, retryDelayMs: 50 }, 1, 50],
  ['no wait', { attempts: 2, retryDelayMs: 0 }, 1, 0],
  ['a wait by attempt', { attempts: 9, retryDelayMs: (attempt: number) => attempt * 7 }, 4, 28],
  ['a wait that is no number', { attempts: 2, retryDelayMs: () => Number.NaN }, 1, 1_000],
  [
    'a wait that throws',
    {
      attempts: 2,
      retryDelayMs: () => {
        throw new Error('x')
      },
    },
    1,
    1_000,
  ],
] as const)('retryDelayMs() for %s', ([, task, attempt, expected]) => {
  expect(retryDelayMs(task, error, attempt, 100_000)).toBe(expected)
})

test('retryDelayMs() makes no attempt that could only begin after the deadline, nor after an error that is final', () => {
  expect(retryDelayMs({ attempts: 2 }, error, 1, 1_000)).toBeUndefined()
  expect(retryDelayMs({ attempts: 2 }, { ...error, retryable: false }, 1, 100_000)).toBeUndefined()
})
