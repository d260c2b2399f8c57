/**
 * A second try for the few tests that failed beside all the others. They meet real brokers, browsers and processes, and
 * three of their files run at once on few cores. A test that passes alone is named, and is still a fault, its own or
 * Drover's. Failures in more than a few files are no accident, and get no second try. Those of one file are often one: its tests
 * share a worker or a page. An error that no test caught gets none either, since nothing says which file to try.
 */
import type { VitestReport } from './tally.ts'

/** Files with failures. */
const most = 5

type FileResult = VitestReport['testResults'][number]

/** The name for a file that fails without a failed test: it cannot be imported, or a hook fails. */
const wholeFile = '(the file)'

const passedIn = ({ status, assertionResults }: FileResult): string[] => [
  ...(status === 'passed' ? [wholeFile] : []),
  ...assertionResults.filter(test => test.status === 'passed').map(({ fullName }) => fullName),
]

function failedIn({ status, assertionResults }: FileResult): string[] {
  const tests = assertionResults.filter(test => test.status === 'failed').map(({ fullName }) => fullName)
  return status === 'failed' && tests.length === 0 ? [wholeFile] : tests
}

/** The files to run again, by their paths; none where nothing failed, too much did, or no test caught an error. */
export function filesToTryAgain({ testResults, numUncaught }: VitestReport): string[] {
  const files = testResults.filter(({ status }) => status === 'failed')
  return numUncaught > 0 || files.length > most ? [] : [...new Set(files.map(({ name }) => name))]
}

/**
 * The run as it stands after the second try, which counts for the files that it ran.
 * @param first of everything
 * @param second of the files that failed
 */
export function afterSecondTry(first: VitestReport, second: VitestReport): VitestReport {
  const again = new Set(second.testResults.map(({ name }) => name))
  const testResults = [...first.testResults.filter(({ name }) => !again.has(name)), ...second.testResults]
  const count = (...statuses: string[]): number =>
    testResults.reduce(
      (sum, { assertionResults }) => sum + assertionResults.filter(({ status }) => statuses.includes(status)).length,
      0,
    )
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending', 'skipped'),
    numTodoTests: count('todo'),
    numUncaught: second.numUncaught,
    testResults,
  }
}

/** The tests that failed first and then passed, with their files. */
export function unsteady(first: VitestReport, second: VitestReport): string[] {
  const passed = new Set(second.testResults.flatMap(file => passedIn(file).map(test => `${file.name} > ${test}`)))
  return first.testResults
    .flatMap(file => failedIn(file).map(test => `${file.name} > ${test}`))
    .filter(test => passed.has(test))
}
