import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { echo, gated } from '../../support/system/tasks.ts'
import { within } from '../../support/until.ts'
import { deploy } from '../deployment.ts'
import { untilAccepted, untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** The broker goes away in the middle of a job. */
export function brokerRestarted(testBed: CurrentTestBed): void {
  test('the broker killed with -9 and started again in mid-job: running, waiting and delayed jobs have their outcomes', async () => {
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
    const delayed = master.dispatch(echo, { text: 'later' }, { delayMs: 3_000 })
    await within('the broker has them', Promise.all([running.sent, waiting.sent, delayed.sent]))
    await deployment.broker?.restart()
    await gate.open()
    expect(await within('the running job ends', running.outcome, evidence)).toMatchObject({ type: 'result' })
    await untilRuns(running, 1, worker)
    expect(await within('the waiting job ends', waiting.outcome, evidence)).toMatchObject({ type: 'result' })
    expect(await within('the delayed job ends', delayed.outcome, evidence)).toMatchObject({ type: 'result' })
    await untilRuns(delayed, 1, worker)
    expect(delayed.snapshot.losses).toBe(0)
    await untilRuns(waiting, 1, worker)
  })
}
