import { memoryStorage } from 'drover/master'
import { expect, test } from 'vitest'
import { echo, flaky } from '../../support/system/tasks.ts'
import { until, within } from '../../support/until.ts'
import { untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** Jobs that are dispatched for later, and jobs that bring a number of attempts. */
export function delayed(testBed: CurrentTestBed): void {
  // They wait for the most part: together
  test.concurrent('a delayed job begins when it is due, and its timeout with it; cancelled before, it never runs', async () => {
    const { master, node, deno } = testBed()
    const before = Date.now()
    const job = master.dispatch(echo, { text: 'later' }, { delayMs: 4_000, timeoutMs: 3_900 })
    const at = master.dispatch(echo, { text: 'at' }, { runAt: before + 2_000 })
    const cancelled = master.dispatch(echo, { text: 'never' }, { delayMs: 3_000 })
    const once = master.dispatch(flaky, { failures: 1 }, { attempts: 1 })
    await within('the broker has them', Promise.all([job.sent, at.sent, cancelled.sent]))
    expect(job.snapshot.starts_at! - before).toBeGreaterThanOrEqual(4_000)
    cancelled.cancel('not needed')
    expect(await within('it ends', cancelled.outcome)).toMatchObject({ type: 'cancelled', reason: 'not needed' })
    expect(await within('it ends at once', once.outcome)).toMatchObject({ type: 'error', attempt: 1 })
    for (const [one, dueAt] of [
      [at, before + 2_000],
      [job, before + 4_000],
    ] as const) {
      expect(await within('it ends', one.outcome)).toMatchObject({ type: 'result', attempt: 1 })
      expect(Date.now()).toBeGreaterThanOrEqual(dueAt)
      await untilRuns(one, 1, node, deno)
    }
    await untilRuns(cancelled, 0, node, deno)
  })
}

/** The same while those who have one go away. */
export function delayedOutlives(testBed: CurrentTestBed): void {
  test.concurrent('a delayed job outlives its master and the worker that has it meanwhile, without a loss', async () => {
    const environment = testBed().deployment.environment()
    await using stack = new AsyncDisposableStack()
    const storage = memoryStorage()
    const kept = memoryStorage()
    const first = await environment.master({ masterId: 'm-1', storage })
    const one = stack.use(await environment.worker('node', 'one', { tasks: [echo.name] }))
    const { request_id, sent } = first.dispatch(echo, { text: 'later' }, { delayMs: 4_000 })
    await within('the broker has it', sent)
    await kept.write({ master_id: 'm-1', put: (await storage.load()).jobs, remove: [] })
    await first[Symbol.asyncDispose]()
    const master = stack.use(await environment.master({ masterId: 'm-1', storage: kept }))
    const job = () => master.jobs.get(request_id)
    await until('it is known again', () => job() !== undefined)
    expect(job()).toMatchObject({ phase: { at: 'sent' }, starts_at: expect.any(Number) })
    await one.kill()
    expect(one.runs(request_id)).toBe(0)
    const two = stack.use(await environment.worker('node', 'two', { tasks: [echo.name] }))
    const evidence = () => JSON.stringify(job())
    await until('it ends', () => job()?.phase.at === 'ended', { timeoutMs: 20_000, evidence })
    expect(job()).toMatchObject({
      losses: 0,
      phase: { outcome: { type: 'result', output: { by: 'two' }, attempt: 1 } },
    })
    expect(job()!.phase).toMatchObject({ since: expect.any(Number) })
    expect((job()!.phase as { since: number }).since).toBeGreaterThanOrEqual(job()!.starts_at!)
    await untilRuns({ request_id }, 1, two)
  })
}
