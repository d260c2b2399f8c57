/** Gates: files by which a test decides when a job of `test.gated` ends, in any process. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Gate extends AsyncDisposable {
  /** The value that jobs take as `gate`. */
  readonly path: string
  open(): Promise<void>
}

/** A closed gate of the test's own. */
export async function makeGate(): Promise<Gate> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-gate-'))
  const path = join(folder, 'open')
  return {
    path,
    open: () => writeFile(path, ''),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
