import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { gated } from '../../support/system/tasks.ts'
import { collect, until, within } from '../../support/until.ts'
import { ofType, untilAccepted, untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** A worker that goes away in the middle of a job. */
export function workerKilled(testBed: CurrentTestBed): void {
  test('a worker killed with -9 in mid-job: the other finishes it, the master shows the loss and one outcome', async () => {
    const environment = testBed().deployment.environment()
    await using master = await environment.master()
    await using workers = new AsyncDisposableStack()
    const [one, other] = await Promise.all([
      environment.worker('node', 'one', { tasks: [gated.name] }),
      environment.worker('deno', 'other', { tasks: [gated.name] }),
    ])
    workers.use(one)
    workers.use(other)
    await using gate = await makeGate()
    const job = master.dispatch(gated, { gate: gate.path })
    const replies = collect(job.replies())
    await untilAccepted(job)
    const [victim, rescuer] = job.snapshot.workers[0]?.name === one.name ? [one, other] : [other, one]
    await victim.kill()
    await until('the master shows the loss', () => job.snapshot.losses === 1)
    await untilRuns(job, 1, rescuer)
    await gate.open()
    expect(await within('it ends', job.outcome)).toMatchObject({ type: 'result', output: { by: rescuer.name } })
    const news = await within('the replies end', replies)
    expect(ofType(news, 'accepted').map(({ name }) => name)).toEqual([victim.name, rescuer.name])
    expect(job.snapshot.workers.map(({ at, name }) => [at, name])).toEqual([
      ['lost', victim.name],
      ['ended', rescuer.name],
    ])
    expect(job.snapshot.losses).toBe(1)
    expect(ofType(news, 'loss')).toHaveLength(1)
    expect(ofType(news, 'result')).toHaveLength(1)
  })
}
