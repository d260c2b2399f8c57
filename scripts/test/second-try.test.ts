import { expect, test } from 'vitest'
import { afterSecondTry, filesToTryAgain, unsteady } from './second-try.ts'
import { tallyVitest, type VitestReport } from './tally.ts'

type Statuses = Record<string, string>

function report(files: Record<string, Statuses>, broken: readonly string[] = []): VitestReport {
  const testResults = Object.entries(files).map(([name, tests]) => ({
    name,
    status: broken.includes(name) || Object.values(tests).includes('failed') ? 'failed' : 'passed',
    assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
  }))
  const count = (wanted: string) =>
    testResults.reduce(
      (sum, { assertionResults }) => sum + assertionResults.filter(({ status }) => status === wanted).length,
      0,
    )
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('skipped'),
    numTodoTests: count('todo'),
    numUncaught: 0,
    testResults,
  }
}

const first = report({
  a: { one: 'failed', two: 'passed' },
  b: { three: 'failed', four: 'skipped' },
  c: { five: 'passed', six: 'skipped' },
})

test('a test that passed alone counts as passed, and is named', () => {
  expect(filesToTryAgain(first)).toEqual(['a', 'b'])
  const second = report({ a: { one: 'passed', two: 'passed' }, b: { three: 'failed', four: 'skipped' } })
  expect(tallyVitest(afterSecondTry(first, second), false)).toEqual({ passed: 3, failed: 1, skipped: 2 })
  expect(unsteady(first, second)).toEqual(['a > one'])
})

test('a test that fails the second time, or only then, has failed', () => {
  const second = report({ a: { one: 'failed', two: 'failed' }, b: { three: 'passed', four: 'skipped' } })
  expect(tallyVitest(afterSecondTry(first, second), false)).toEqual({ passed: 2, failed: 2, skipped: 2 })
})

test('a test that was not run again, as its file could not be imported, is not named as passed', () => {
  const second = report({ a: {}, b: { three: 'failed', four: 'skipped' } }, ['a'])
  expect(unsteady(first, second)).toEqual([])
})

test('a file whose hook failed is tried again, and named', () => {
  const hook = report({ a: { one: 'passed' } }, ['a'])
  expect(filesToTryAgain(hook)).toEqual(['a'])
  expect(unsteady(hook, report({ a: { one: 'passed' } }))).toEqual(['a > (the file)'])
  expect(unsteady(hook, hook)).toEqual([])
  expect(tallyVitest(afterSecondTry(hook, report({ a: { one: 'passed' } }, ['a'])), false).failed).toBe(1)
})

test('nothing that failed, and failures in more than five files, are not tried again', () => {
  const names = ['1', '2', '3', '4', '5', '6']
  expect(filesToTryAgain(report({ a: { one: 'passed' } }))).toEqual([])
  expect(filesToTryAgain(report({ a: Object.fromEntries(names.map(name => [name, 'failed'])) }))).toEqual(['a'])
  expect(filesToTryAgain(report(Object.fromEntries(names.map(name => [name, { one: 'failed' }]))))).toEqual([])
})

test('an error that no test caught is not gone after a second try: beside it nothing is tried again', () => {
  expect(filesToTryAgain({ ...first, numUncaught: 1 })).toEqual([])
})
