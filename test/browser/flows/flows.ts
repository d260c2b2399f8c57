/** A person and jobs at the page, from the first job to a bridge that goes away: the same on every broker. */

import { defineTask } from 'drover/contract'
import { implement } from 'drover/worker'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { makeGate } from '../../support/gate.ts'
import type { SetUp } from '../../support/system/set-ups.ts'
import type { WorkerProcess } from '../../support/system/worker-process.ts'
import { until } from '../../support/until.ts'
import { setUpTestBed } from './test-bed.ts'
import { away, countOf, dispatch, openJob, rowOf, tabOf, untilState } from './user.ts'

/** A rule that no schema says, so that only the worker can know it. */
const picky = defineTask('test.picky', {
  input: z.object({ name: z.string().refine(name => name !== 'nobody', 'there is nobody of this name') }),
})

/** Tests of one file. */
export function pageFlows(setUp: SetUp): void {
  const testBed = setUpTestBed(setUp)
  const workers = {} as Record<'node' | 'deno', WorkerProcess>
  beforeAll(async () => {
    const { environment } = testBed()
    const [node, deno] = await Promise.all([environment.worker('node', 'node'), environment.worker('deno', 'deno')])
    Object.assign(workers, { node, deno })
  })
  afterAll(() => Promise.all(Object.values(workers).map(worker => worker[Symbol.asyncDispose]())))
  const runs = (id: string): number => workers.node.runs(id) + workers.deno.runs(id)

  test('a job to one worker: somebody does it, and the result is shown', async () => {
    await using tab = await testBed().open()
    const { page } = tab
    const id = await dispatch(page, { task: 'test.echo', fields: { Text: 'hello there' } })
    await untilState(page, id, 'Done')
    await (await tabOf(page, 'Outcome')).getByText('hello there').waitFor()
    expect(
      await openJob(page)
        .getByText(/^(node|deno)$/)
        .count(),
    ).toBeGreaterThan(0)
    expect(runs(id)).toBe(1)
  })

  test('a job to all: a row for each worker, by name', async () => {
    await using tab = await testBed().open()
    const { page } = tab
    const id = await dispatch(page, { task: 'test.echo', fields: { Text: 'to all' }, to: 'All workers' })
    await untilState(page, id, 'Answered')
    const rows = openJob(page).locator('[part="worker-row"]')
    await expect.poll(() => rows.count()).toBe(2)
    const told = (await rows.allTextContents()).map(text => /node|deno/.exec(text)?.[0])
    expect(told.toSorted()).toEqual(['deno', 'node'])
    await tab.expectAccessible()
  })

  test('progress, log lines and parts are shown while they come', async () => {
    await using tab = await testBed().open()
    const { page } = tab
    await using gate = await makeGate()
    const waiting = await dispatch(page, { task: 'test.gated', fields: { Gate: gate.path } })
    await rowOf(page, waiting).getByText('waiting at the gate').waitFor()
    expect(
      await rowOf(page, waiting)
        .getByRole('progressbar')
        .evaluate(bar => (bar as HTMLProgressElement).value),
    ).toBe(1)
    await gate.open()
    await untilState(page, waiting, 'Done')
    const id = await dispatch(page, { task: 'test.steps', fields: { Count: '3' } })
    await untilState(page, id, 'Done')
    await (await tabOf(page, 'Log')).getByText('log 3').waitFor()
  })

  test('a cancelled job ends as cancelled', async () => {
    await using tab = await testBed().open()
    const { page } = tab
    await using gate = await makeGate()
    const id = await dispatch(page, { task: 'test.gated', fields: { Gate: gate.path } })
    await untilState(page, id, 'Running')
    await openJob(page).getByRole('button', { name: 'Cancel' }).click()
    await openJob(page).getByRole('button', { name: 'Really cancel' }).click()
    await untilState(page, id, 'Cancelled')
    await expect.poll(() => openJob(page).getByRole('button', { name: 'Cancel' }).count()).toBe(0)
  })

  test('a failing job says why, after its attempts', async () => {
    await using tab = await testBed().open()
    const { page } = tab
    const id = await dispatch(page, { task: 'test.flaky', fields: { Failures: '9' } })
    await untilState(page, id, 'Failed')
    await openJob(page).getByText('attempt 3 fails').waitFor()
    await rowOf(page, id).getByText('attempt 3', { exact: false }).first().waitFor()
  })

  test('a rejection by a worker is said at its field', async () => {
    await using _worker = await testBed().worker(
      'picky',
      implement(picky, () => undefined),
    )
    await using tab = await testBed().open()
    const { page } = tab
    const id = await dispatch(page, { task: 'test.picky', fields: { Name: 'nobody' } })
    await untilState(page, id, 'Rejected')
    const field = page.locator('drover-form').getByLabel('Name', { exact: true })
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true')
    await page.locator('drover-form').getByText('there is nobody of this name').waitFor()
    await tab.expectAccessible()
  })

  test('reloaded in mid-job: the same jobs, the same progress, and then the outcome', async () => {
    await using tab = await testBed().open()
    const { page } = tab
    await using gate = await makeGate()
    const id = await dispatch(page, { task: 'test.gated', fields: { Gate: gate.path } })
    await rowOf(page, id).getByText('waiting at the gate').waitFor()
    await page.reload()
    await rowOf(page, id).getByText('waiting at the gate').waitFor()
    await openJob(page).getByText(id).waitFor()
    await gate.open()
    await untilState(page, id, 'Done')
    expect(await countOf(page)).toBe(1)
    expect(runs(id)).toBe(1)
  })

  test('two tabs have their own jobs and replies; a duplicated one takes nothing from the first', async () => {
    const context = await testBed().profile()
    await using stack = new AsyncDisposableStack()
    stack.defer(() => context.close())
    const one = stack.use(await testBed().open({ context }))
    const two = stack.use(await testBed().open({ context }))
    await using gate = await makeGate()
    const first = await dispatch(one.page, { task: 'test.gated', fields: { Gate: gate.path } })
    await untilState(one.page, first, 'Running')
    // As browsers duplicate a tab: with the session storage of the first.
    const [copy] = await Promise.all([
      context.waitForEvent('page'),
      one.page.evaluate(() => void window.open(location.href)),
    ])
    await copy.getByText('Connected', { exact: true }).waitFor()
    const ids = await Promise.all([
      dispatch(two.page, { task: 'test.echo', fields: { Text: 'of the second' } }),
      dispatch(copy, { task: 'test.echo', fields: { Text: 'of the copy' } }),
    ])
    await untilState(two.page, ids[0], 'Done')
    await untilState(copy, ids[1], 'Done')
    await gate.open()
    await untilState(one.page, first, 'Done')
    expect(await Promise.all([one.page, two.page, copy].map(countOf))).toEqual([1, 1, 1])
    expect([first, ...ids].map(runs)).toEqual([1, 1, 1])
  })

  test('a worker killed with -9 in mid-job: the loss is shown, another does it, one outcome', async () => {
    await using tab = await testBed().open()
    const { page } = tab
    await using gate = await makeGate()
    const id = await dispatch(page, { task: 'test.gated', fields: { Gate: gate.path } })
    const runtime = await until('somebody runs it', () =>
      (['node', 'deno'] as const).find(name => workers[name].runs(id) > 0),
    )
    await rowOf(page, id).getByText('waiting at the gate').waitFor()
    await workers[runtime].kill()
    await rowOf(page, id).getByText('1 loss', { exact: false }).waitFor()
    await gate.open()
    await untilState(page, id, 'Done')
    const replies = await tabOf(page, 'Replies')
    await replies.getByText('the job goes to another').waitFor()
    expect(await replies.getByText('result', { exact: true }).count()).toBe(1)
    workers[runtime] = await testBed().environment.worker(runtime, runtime)
  })

  test('the bridge killed under the page and started again: nothing is dispatched twice, nothing is lost', async () => {
    await using tab = await testBed().open({ allow: away })
    const { page } = tab
    await using gate = await makeGate()
    const before = await dispatch(page, { task: 'test.gated', fields: { Gate: gate.path } })
    await rowOf(page, before).getByText('waiting at the gate').waitFor()
    const restarted = testBed().bridge.restart()
    await page.getByText('Nothing is lost').first().waitFor()
    const meanwhile = await dispatch(page, { task: 'test.echo', fields: { Text: 'meanwhile' } })
    await restarted
    await gate.open()
    await untilState(page, before, 'Done')
    await untilState(page, meanwhile, 'Done')
    expect(await countOf(page)).toBe(2)
    expect(runs(meanwhile)).toBe(1)
    await rowOf(page, before).click()
    await openJob(page).getByText(before).waitFor()
    // A broker that stays hands out again the jobs of a dead bridge's workers: that may be a second run.
    await expectOneOutcome(page, () => runs(before))
    await untilState(page, before, 'Done')
  })

  // Where the broker goes with its bridge, nothing is handed out again.
  const withBroker = setUp.by === 'inside' ? undefined : test
  withBroker?.('a job that runs twice has the outcome that came first', async () => {
    await using tab = await testBed().open({ allow: away })
    const { page } = tab
    await using gate = await makeGate()
    const id = await dispatch(page, { task: 'test.gated', fields: { Gate: gate.path } })
    await rowOf(page, id).getByText('waiting at the gate').waitFor()
    const [first, second] = workers.node.runs(id) > 0 ? [workers.node, workers.deno] : [workers.deno, workers.node]
    // It cannot come back before the other was handed its job.
    first.signal('SIGSTOP')
    try {
      await testBed().bridge.restart()
      await rowOf(page, id).getByText('1 loss', { exact: false }).waitFor()
      await gate.open()
      await untilState(page, id, 'Done')
    } finally {
      first.signal('SIGCONT')
    }
    await expectOneOutcome(page, () => 2)
    expect(await (await tabOf(page, 'Outcome')).textContent()).toContain(`"${second.name}"`)
    await untilState(page, id, 'Done')
    expect([first, second].map(worker => worker.runs(id))).toEqual([1, 1])
  })
}

/** The open job shows the result that came first as its outcome, and those of further runs as late. */
async function expectOneOutcome(page: Page, runs: () => number): Promise<void> {
  const outcome = await tabOf(page, 'Outcome')
  const by = /"(node|deno)"/
  await outcome.getByText(by).first().waitFor()
  const shown = by.exec((await outcome.textContent()) ?? '')?.[1]
  const replies = await tabOf(page, 'Replies')
  const results = async (label: string) => {
    const told = await replies.locator(`[part="replies"][aria-label="${label}"] li`).allTextContents()
    return told.flatMap(text => (text.includes('result') ? [by.exec(text)?.[1]] : []))
  }
  await expect.poll(() => results('Replies')).toEqual([shown])
  await expect.poll(async () => (await results('Late replies')).length).toBe(runs() - 1)
}
