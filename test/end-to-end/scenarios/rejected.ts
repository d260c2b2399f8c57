import { expect, test } from 'vitest'
import { strict } from '../../support/system/tasks.ts'
import { within } from '../../support/until.ts'
import { untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** Input that the task's schema refuses. */
export function rejected(testBed: CurrentTestBed): void {
  test('rejected: the outcome names the path of everything that is wrong, and nothing runs', async () => {
    const { master, node, deno } = testBed()
    const job = master.dispatch(strict, { width: 0, files: [{ path: 'a' }, { path: 7 as never }] })
    const outcome = await within('it ends', job.outcome)
    expect(outcome).toMatchObject({
      type: 'rejected',
      issues: [
        { path: 'width', message: expect.any(String) },
        { path: 'files.1.path', message: expect.any(String) },
      ],
    })
    await untilRuns(job, 0, node, deno)
  })
}
