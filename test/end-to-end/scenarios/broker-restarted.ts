import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { gated } from '../../support/system/tasks.ts'
import { within } from '../../support/until.ts'
import { deploy } from '../deployment.ts'
import { untilAccepted, untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** The broker goes away in the middle of a job. */
export function brokerRestarted(testBed: CurrentTestBed): void {
  test('the broker killed with -9 and started again in mid-job: running and waiting jobs have their outcomes', async () => {
    const { setUp } = testBed().deployment
    await using deployment = await deploy(setUp, { ownBroker: true })
    const environment = deployment.environment()
    await using master = await environment.master()
    await using worker = await environment.worker('node', 'only')
    await using gate = await makeGate()
    const evidence = { timeoutMs: 40_000, evidence: deployment.evidence }
    const running = master.dispatch(gated, { gate: gate.path })
    await untilAccepted(running)
    const waiting = master.dispatch(gated, { gate: gate.path })
    await within('the broker has them both', Promise.all([running.sent, waiting.sent]))
    await deployment.broker?.restart()
    await gate.open()
    expect(await within('the running job ends', running.outcome, evidence)).toMatchObject({ type: 'result' })
    await untilRuns(running, 1, worker)
    expect(await within('the waiting job ends', waiting.outcome, evidence)).toMatchObject({ type: 'result' })
    await untilRuns(waiting, 1, worker)
  })
}
