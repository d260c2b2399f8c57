import { expect, test } from 'vitest'
import { tallyDeno, tallyLine, tallyVitest, total, type VitestReport } from './tally.ts'

const report: VitestReport = {
  numPassedTests: 5,
  numFailedTests: 1,
  numPendingTests: 2,
  numTodoTests: 1,
  numUncaught: 0,
  testResults: [
    {
      status: 'failed',
      name: 'a',
      assertionResults: [
        { status: 'failed', fullName: 'failed' },
        { status: 'passed', fullName: 'passed' },
      ],
    },
    { status: 'failed', name: 'cannot be imported', assertionResults: [] },
    { status: 'failed', name: 'a hook fails', assertionResults: [{ status: 'passed', fullName: 'passed' }] },
    { status: 'passed', name: 'b', assertionResults: [{ status: 'passed', fullName: 'passed' }] },
  ],
}
const allGood: VitestReport = { ...report, numFailedTests: 0, testResults: [] }

test('tallyVitest() counts files that fail without a failed test', () => {
  expect(tallyVitest(report, false)).toEqual({ passed: 5, failed: 3, skipped: 3 })
})

test('tallyVitest() counts an error that no test is blamed for, and a run without a report', () => {
  expect(tallyVitest(allGood, true).failed).toBe(0)
  expect(tallyVitest(allGood, false).failed).toBe(1)
  expect(tallyVitest(undefined, false)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('tallyDeno() reads the last line', () => {
  const output =
    'running 3 tests from ./a.ts\nok | 9 passed | 0 failed (1ms)\n\nFAILED | 2 passed | 1 failed | 4 ignored (10ms)\n'
  expect(tallyDeno(output, false)).toEqual({ passed: 2, failed: 1, skipped: 4 })
  expect(tallyDeno('ok | 3 passed (4 steps) | 0 failed (12ms)', true)).toEqual({ passed: 3, failed: 0, skipped: 0 })
  expect(tallyDeno('error: Module not found', false)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('the tallies of all runners make one line', () => {
  const sum = total([tallyVitest(report, false), { passed: 1, failed: 0, skipped: 0 }])
  expect(tallyLine(sum)).toBe('6 passed, 3 failed, 3 skipped')
})
