import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { gated } from '../../support/system/tasks.ts'
import { within } from '../../support/until.ts'
import { layGround } from '../deployment.ts'
import { untilAccepted, untilRuns } from '../expectations.ts'
import type { OnStage } from '../test-bed.ts'

/** The broker goes away in the middle of a job. */
export function brokerRestarted(stage: OnStage): void {
  test('the broker killed with -9 and started again in mid-job: running and waiting jobs have their outcomes', async () => {
    const { setUp } = stage().ground
    await using ground = await layGround(setUp, { ownBroker: true })
    const place = ground.place()
    await using master = await place.master()
    await using worker = await place.worker('node', 'only')
    await using gate = await makeGate()
    const evidence = { timeoutMs: 40_000, evidence: ground.evidence }
    const running = master.dispatch(gated, { gate: gate.path })
    await untilAccepted(running)
    const waiting = master.dispatch(gated, { gate: gate.path })
    await within('the broker has them both', Promise.all([running.sent, waiting.sent]))
    await ground.broker?.restart()
    await gate.open()
    expect(await within('the running job ends', running.outcome, evidence)).toMatchObject({ type: 'result' })
    await untilRuns(running, 1, worker)
    expect(await within('the waiting job ends', waiting.outcome, evidence)).toMatchObject({ type: 'result' })
    await untilRuns(waiting, 1, worker)
  })
}
