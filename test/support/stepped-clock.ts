/** A clock of one process that a test sets while the process runs, with libfaketime. The steady clock stays as it is. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFaketime } from '../../scripts/test/faketime.ts'

export interface SteppedClock extends Disposable {
  /** The variables for the environment of the process. */
  readonly env: Record<string, string>
  /** Names it to another process, which sets it with `stepClock`. */
  readonly file: string
}

/** A clock that is right at first. */
export function makeSteppedClock(): SteppedClock {
  const file = join(tmpdir(), `drover-clock-${crypto.randomUUID()}`)
  stepClock(file, 0)
  return {
    file,
    env: {
      LD_PRELOAD: findFaketime() ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    [Symbol.dispose]: () => rmSync(file, { force: true }),
  }
}

/** Sets it, at once, to be off by `offMs`, whole seconds of which count. */
export function stepClock(file: string, offMs: number): void {
  const seconds = Math.trunc(offMs / 1000)
  // Never half written, since a look at the clock reads the file
  writeFileSync(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  renameSync(`${file}.new`, file)
}
