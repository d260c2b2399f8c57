/** How many tests of all runners passed, failed and were skipped. */
export interface Tally {
  passed: number
  failed: number
  skipped: number
}

/** The line that a run ends with. */
export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** Adds up runners. */
export function total(tallies: readonly Tally[]): Tally {
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const { passed, failed, skipped } of tallies) {
    sum.passed += passed
    sum.failed += failed
    sum.skipped += skipped
  }
  return sum
}

/** The facts of Vitest's JSON report, as far as they are counted, and one that it leaves out. */
export interface VitestReport {
  /** Errors that no test caught. */
  numUncaught: number
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: {
    status: string
    name: string
    message?: string
    assertionResults: { status: string; fullName: string }[]
  }[]
}

/**
 * Counts Vitest's run. A file that fails without a failed test (it cannot be imported, a hook fails) is one failure, and
 * so is a run that fails with nothing failed in it (an error nobody caught).
 * @param report undefined when Vitest left none
 */
export function tallyVitest(report: VitestReport | undefined, isOk: boolean): Tally {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const brokenFiles = report.testResults.filter(
    file => file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed'),
  )
  const failed = report.numFailedTests + brokenFiles.length
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !isOk ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/**
 * Counts Deno's run by the line it ends with: `ok | 3 passed | 1 failed | 2 ignored (10ms)`.
 * @param output of `deno test`, without colours
 */
export function tallyDeno(output: string, isOk: boolean): Tally {
  const line = [...output.matchAll(/^(?:ok|FAILED) \| .*$/gm)].at(-1)?.[0] ?? ''
  const count = (word: string): number => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0)
  const failed = count('failed')
  return { passed: count('passed'), failed: failed === 0 && !isOk ? 1 : failed, skipped: count('ignored') }
}
