import { expect, test } from 'vitest'
import { nobodys } from '../../support/system/tasks.ts'
import { until, within } from '../../support/until.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** Jobs of a task that no worker has. These wait for the master's own times, so they wait together. */
export function noWorker(testBed: CurrentTestBed): void {
  test.concurrent('no worker: a queued job waits and says that nobody claims it', async () => {
    const { master } = testBed()
    const job = master.dispatch(nobodys, {}, { timeoutMs: 60_000 })
    await within('the broker has it', job.sent)
    await until('it says unclaimed', () => job.snapshot.unclaimed)
    expect(job.snapshot.phase.at).toBe('sent')
    job.cancel()
    await within('it ends', job.outcome)
  })

  test.concurrent('no worker: a broadcast ends as no_worker', async () => {
    const { master } = testBed()
    const broadcast = master.broadcast(nobodys, {}, { until: 'everyone', timeoutMs: 30_000 })
    expect(await within('it ends', broadcast.done)).toMatchObject({ type: 'no_worker', outcomes: [], missing: [] })
  })

  test.concurrent('no worker: a job that nobody accepted is cancelled by the master', async () => {
    const { master } = testBed()
    const job = master.dispatch(nobodys, {})
    await within('the broker has it', job.sent)
    job.cancel('changed my mind')
    expect(await within('it ends', job.outcome)).toMatchObject({ type: 'cancelled', reason: 'changed my mind' })
  })

  test.concurrent('no worker: a job that nobody took in its time has timed out', async () => {
    const { master } = testBed()
    const job = master.dispatch(nobodys, {}, { timeoutMs: 300 })
    expect(await within('it ends', job.outcome)).toMatchObject({ type: 'timed_out', timeout_ms: 300 })
  })
}
