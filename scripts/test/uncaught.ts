/** A reporter of Vitest for what its JSON report leaves out: errors that no test caught. */
import { writeFileSync } from 'node:fs'
import type { Reporter } from 'vitest/node'

/** Holds how many there were, once a run has ended. */
export const uncaughtFile = '.test-results/uncaught'

export default class Uncaught implements Reporter {
  onTestRunEnd(_: unknown, errors: readonly unknown[]): void {
    writeFileSync(uncaughtFile, `${errors.length}`)
  }
}
