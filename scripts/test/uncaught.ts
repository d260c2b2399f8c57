/** A reporter of Vitest for the errors that no test caught, which its JSON report leaves out. */
import { writeFileSync } from 'node:fs'
import type { Reporter } from 'vitest/node'

/** Holds how many there were, once a run has ended. */
export const uncaughtFile = '.test-results/uncaught'

export default class Uncaught implements Reporter {
  onTestRunEnd(_: unknown, errors: readonly unknown[]): void {
    writeFileSync(uncaughtFile, `${errors.length}`)
  }
}
