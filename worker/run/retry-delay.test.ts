import { expect, test } from 'vitest'
import { attemptsOf, retryDelayMs } from './retry-delay.ts'

const error = { name: 'Error', code: 'task_failed', message: '', retryable: true }
const half = () => 0.5
const thrower = (): number => {
  throw new Error('x')
}

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
  ['a wait that throws', { attempts: 2, retryDelayMs: thrower }, 1, 1_000],
  ['a fixed wait', { attempts: 9, backoff: { type: 'fixed', delayMs: 70 } }, 8, 70],
  ['a fixed wait of none', { attempts: 9, backoff: { type: 'fixed', delayMs: 0 } }, 8, 0],
  ['an exponential wait, first', { attempts: 9, backoff: { type: 'exponential', delayMs: 10 } }, 1, 10],
  ['an exponential wait, fourth', { attempts: 9, backoff: { type: 'exponential', delayMs: 10 } }, 4, 80],
  ['one at its most', { attempts: 9, backoff: { type: 'exponential', delayMs: 10, maxMs: 25 } }, 4, 25],
  ['one past all numbers', { attempts: 9_000, backoff: { type: 'exponential', delayMs: 10 } }, 999, 60_000],
  ['one that begins past the most', { attempts: 9, backoff: { type: 'exponential', delayMs: 70_000 } }, 4, 70_000],
  ['half of it left to chance', { attempts: 9, backoff: { type: 'fixed', delayMs: 100, jitter: 0.5 } }, 1, 75],
  ['all of it left to chance', { attempts: 9, backoff: { type: 'exponential', delayMs: 100, jitter: 1 } }, 2, 100],
  ['a function of attempt and error', { attempts: 9, backoff: (n: number, { code }) => n * code.length }, 2, 22],
  ['a function that throws', { attempts: 2, backoff: thrower }, 1, 1_000],
  ['a function of less than nothing', { attempts: 2, backoff: () => -1 }, 1, 1_000],
] satisfies [string, Parameters<typeof retryDelayMs>[0], number, number | undefined][])(
  'retryDelayMs() for %s',
  ([, task, attempt, expected]) => {
    expect(retryDelayMs(task, error, { attempt }, 100_000, half)).toBe(expected)
  },
)

test('chance is the port of the worker: from the whole wait, by 0, down to the part that is not left to it', () => {
  const task = { attempts: 2, backoff: { type: 'fixed', delayMs: 1_000, jitter: 0.2 } } as const
  const waits = [0, 0.25, 0.999].map(at => retryDelayMs(task, error, { attempt: 1 }, 100_000, () => at))
  expect(waits).toEqual([1_000, 950, 800])
})

test('retryDelayMs() makes no attempt that could only begin after the deadline, nor after an error that is final', () => {
  expect(retryDelayMs({ attempts: 2 }, error, { attempt: 1 }, 1_000, half)).toBeUndefined()
  expect(retryDelayMs({ attempts: 2 }, { ...error, retryable: false }, { attempt: 1 }, 100_000, half)).toBeUndefined()
})

test.for([
  ['neither says so', {}, {}, 1],
  ['the task does', { attempts: 3 }, {}, 3],
  ['its sender wants more', { attempts: 3 }, { attempts: 5 }, 5],
  ['its sender wants fewer', { attempts: 3 }, { attempts: 1 }, 1],
  ['its sender is wrong by far', {}, { attempts: 2 ** 40 }, 1_000],
] as const)('attemptsOf() where %s', ([, task, job, expected]) => {
  expect(attemptsOf(task, job)).toBe(expected)
})
