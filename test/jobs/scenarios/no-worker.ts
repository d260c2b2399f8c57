import { expect, test } from 'vitest'
import { nobodys } from '../fixtures/tasks.ts'
import type { OnStage } from '../stage.ts'
import { until, within } from '../until.ts'

/** Tasks that no worker has. */
export function noWorker(stage: OnStage): void {
  test('no worker: a queued job waits and says that nobody claims it', async () => {
    const { master } = stage()
    const job = master.dispatch(nobodys, {}, { timeoutMs: 20_000 })
    await within('the broker has it', job.sent)
    await until('it says unclaimed', () => job.snapshot.unclaimed)
    expect(job.snapshot.phase.at).toBe('sent')
    job.cancel()
    await within('it ends', job.outcome)
  })

  test('no worker: a broadcast to nobody ends as no_worker', async () => {
    const { master } = stage()
    const fleet = master.broadcast(nobodys, {}, { until: 'everyone', timeoutMs: 10_000 })
    expect(await within('it ends', fleet.done)).toMatchObject({ type: 'no_worker', outcomes: [], missing: [] })
  })
}
