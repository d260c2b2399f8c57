import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { echo, gated } from '../../support/system/tasks.ts'
import { within } from '../../support/until.ts'
import { deploy } from '../deployment.ts'
import { untilAccepted, untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** The bridge goes away in the middle of a job. */
export function bridgeRestarted(testBed: CurrentTestBed): void {
  test('the bridge killed with -9 and started again in mid-job: the run goes on and its outcome comes', async () => {
    await using deployment = await deploy(testBed().deployment.setUp)
    const environment = deployment.environment()
    await using master = await environment.master()
    await using worker = await environment.worker('node', 'only')
    await using gate = await makeGate()
    const job = master.dispatch(gated, { gate: gate.path })
    await untilAccepted(job)
    await deployment.bridge?.restart()
    await gate.open()
    const evidence = { timeoutMs: 30_000, evidence: deployment.evidence }
    expect(await within('it ends', job.outcome, evidence)).toMatchObject({ type: 'result', output: { by: 'only' } })
    await untilRuns(job, 1, worker)
    await within('the next job runs too', master.run(echo, { text: 'next' }), evidence)
  })
}
