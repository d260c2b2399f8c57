import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { gated } from '../../support/system/tasks.ts'
import { within } from '../../support/until.ts'
import { untilAccepted, untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** Jobs that are no longer wanted. */
export function cancel(testBed: CurrentTestBed): void {
  // Waits for the master's own time, as the tests of jobs without a worker before it: together with them.
  test.concurrent('cancel: a job that waits behind others never runs', async () => {
    const { master, node, deno } = testBed()
    await using gate = await makeGate()
    const running = [1, 2].map(() => master.dispatch(gated, { gate: gate.path }))
    await Promise.all(running.map(untilAccepted))
    const waiting = master.dispatch(gated, { gate: gate.path })
    await within('the broker has it', waiting.sent)
    waiting.cancel()
    expect(await within('it ends', waiting.outcome)).toMatchObject({ type: 'cancelled' })
    const fence = master.dispatch(gated, { gate: gate.path })
    await gate.open()
    for (const job of [...running, fence]) {
      expect(await within('the others end', job.outcome)).toMatchObject({ type: 'result' })
    }
    await untilRuns(waiting, 0, node, deno)
  })

  test('cancel: a run in its middle ends by its signal, and shows as cancelling until then', async () => {
    const { master } = testBed()
    await using gate = await makeGate()
    const job = master.dispatch(gated, { gate: gate.path })
    await untilAccepted(job)
    job.cancel('enough')
    expect(job.snapshot.phase.at).toBe('cancelling')
    const outcome = await within('it ends', job.outcome)
    expect(outcome).toMatchObject({ type: 'cancelled', reason: 'enough' })
    await gate.open()
    const next = master.dispatch(gated, { gate: gate.path })
    expect(await within('the worker takes the next', next.outcome)).toMatchObject({ type: 'result' })
  })
}
