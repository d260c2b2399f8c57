import { memoryStorage } from 'drover/master'
import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { gated } from '../../support/system/tasks.ts'
import { until, within } from '../../support/until.ts'
import { untilAccepted, untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** Two sessions of one owner with the same `master_id`, as a half-open socket leaves them. */
export function sameMasterId(testBed: CurrentTestBed): void {
  test('the same master_id twice: the older session is ended, and the newer one has every reply', async () => {
    const environment = testBed().deployment.environment()
    await using worker = await environment.worker('node', 'only', { tasks: [gated.name] })
    await using gate = await makeGate()
    const storage = memoryStorage()
    await using older = await environment.master({ masterId: 'tab-1', storage })
    const job = older.dispatch(gated, { gate: gate.path })
    await untilAccepted(job)
    await using newer = await environment.master({ masterId: 'tab-1', storage })
    await until('the older session has ended', () => older.connection.at === 'closed')
    expect(older.connection).toMatchObject({ reason: { code: 'session_replaced' } })
    await gate.open()
    const again = newer.job(job.request_id)
    if (again?.mode !== 'queue') throw new Error('the newer does not know the job')
    const outcome = await within('the newer has its outcome', again.outcome)
    expect(outcome).toMatchObject({ type: 'result', output: { by: 'only' } })
    await untilRuns(job, 1, worker)
  })
}
