import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { gated } from '../../support/system/tasks.ts'
import { until } from '../../support/until.ts'
import { untilRuns } from '../expectations.ts'
import { startMasterProcess } from '../master-process.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** A master that is killed and comes back with its stored jobs. */
export function masterDies(testBed: CurrentTestBed): void {
  test('a master killed with -9 and started again has the outcome of its job, of one run', async () => {
    const environment = testBed().deployment.environment()
    await using worker = await environment.worker('node', 'only', { tasks: [gated.name] })
    await using gate = await makeGate()
    await using folder = await makeFolder()
    const settings = { ...(await environment.masterAccess()), masterId: 'tab-1', file: join(folder.path, 'jobs') }
    await using first = startMasterProcess({ ...settings, gate: gate.path })
    const requestId = await first.line('accepted')
    await first.kill()
    await gate.open()
    await until('the run ends while there is no master', () => worker.log().includes(`end ${requestId}`))
    await using second = startMasterProcess(settings)
    const outcome = JSON.parse(await second.line(`outcome ${requestId}`))
    expect(outcome).toMatchObject({ type: 'result', output: { by: 'only' } })
    await untilRuns({ request_id: requestId }, 1, worker)
    await second.kill()
    await using third = startMasterProcess(settings)
    expect(JSON.parse(await third.line(`outcome ${requestId}`))).toEqual(outcome)
  })
}

async function makeFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'drover-master-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
