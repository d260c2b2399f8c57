/** A page with an SDK of OpenTelemetry: its job's trace reaches the worker, and comes back with the outcome. */
import { defineTask, implement } from 'drover/worker'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { masterId, outcomeOf, tabsWithMaster } from './tabs.ts'

const told = implement(
  defineTask('trace.told', { input: z.unknown(), output: z.string() }),
  (_, job) => job.traceparent ?? '',
)
const tabs = tabsWithMaster([told])

test('the spans of a page are those of its worker’s trace', async () => {
  await using tab = await tabs.open({ query: { module: '/test/browser/fixtures/tracing.ts' } })
  await tab.page.waitForFunction(() => document.querySelector('drover-master')?.tracing !== undefined)
  await masterId(tab.page)
  const traceparent = await outcomeOf(tab.page, 'trace.told', null)
  await expect.poll(() => tab.page.evaluate(() => spans().length)).toBe(2)
  const [dispatch, outcome] = await tab.page.evaluate(() => spans())
  expect([dispatch?.name, dispatch?.parentId, outcome?.name]).toEqual([
    'dispatch trace.told',
    undefined,
    'outcome trace.told',
  ])
  expect(traceparent).toBe(dispatch?.traceparent)
  // This worker does not trace, and hands the trace on as it came
  expect(outcome?.parentId).toBe(dispatch?.traceparent.split('-')[2])
})
