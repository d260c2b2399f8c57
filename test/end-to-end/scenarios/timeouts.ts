import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { gated } from '../../support/system/tasks.ts'
import { within } from '../../support/until.ts'
import { untilAccepted } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** Jobs whose time is over. */
export function timeouts(testBed: CurrentTestBed): void {
  test('timeouts: a run that takes longer ends as timed out, and its worker is free again', async () => {
    const { master } = testBed()
    await using gate = await makeGate()
    const jobs = [1, 2].map(() => master.dispatch(gated, { gate: gate.path }, { timeoutMs: 2_500 }))
    await Promise.all(jobs.map(untilAccepted))
    for (const job of jobs) expect(await within('it ends', job.outcome)).toMatchObject({ type: 'timed_out' })
    await using open = await makeGate()
    await open.open()
    await within('a worker takes the next', master.run(gated, { gate: open.path }))
  })
}
