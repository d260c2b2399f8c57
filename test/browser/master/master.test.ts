/** Jobs of `<drover-master>`: dispatched, kept over reloads and for other tabs of the same person. */
import { defineTask, implement } from 'drover/worker'
import { afterAll, expect, test } from 'vitest'
import * as z from 'zod'
import type { Tab } from '../harness.ts'
import { masterId, outcomeOf, tabsWithMaster } from './tabs.ts'

const double = defineTask('sums.double', { input: z.object({ n: z.number() }), output: z.number() })
const slow = defineTask('sums.slow', { input: z.object({}), output: z.number() })
/** Ends the slow job. */
const release = Promise.withResolvers<void>()

const tabs = tabsWithMaster([
  implement(double, ({ n }) => n * 2),
  implement(slow, async (_input, job) => {
    job.progress(40, 'half way')
    await release.promise
    return 7
  }),
])
// Before the worker ends, which waits for it
afterAll(() => release.resolve())

test('a job dispatched through it runs, and its outcome is told once', async () => {
  await using tab = await tabs.open()
  await masterId(tab.page)
  const told = tab.page.evaluate(
    () =>
      new Promise(resolve =>
        document.addEventListener('drover-outcome', event =>
          resolve([event.task, event.outcome.type, (event.target as Element).id]),
        ),
      ),
  )
  expect(await outcomeOf(tab.page, 'sums.double', { n: 21 })).toBe(42)
  expect(await told).toEqual(['sums.double', 'result', 'one'])
})

test('jobs survive the reload, and their outcome comes to the page after it', async () => {
  await using tab = await tabs.open()
  const before = await masterId(tab.page)
  const requestId = await tab.page.evaluate(async () => {
    const job = document.querySelector('drover-master')!.current!.dispatch('sums.slow', {})
    for await (const reply of job.replies()) if (reply.type === 'progress') break
    return job.request_id
  })
  await tab.page.reload()
  expect(await masterId(tab.page)).toBe(before)
  const shown = await tab.page.evaluate(
    id => document.querySelector('drover-master')!.current!.jobs.get(id)?.progress?.message,
    requestId,
  )
  expect(shown).toBe('half way')
  release.resolve()
  await tab.page.waitForFunction(id => {
    const job = document.querySelector('drover-master')!.current!.jobs.get(id)
    return job?.phase.at === 'ended' && job.phase.outcome.type === 'result'
  }, requestId)
})

test('a duplicated tab takes another identity, and neither loses the connection', async () => {
  await using tab = await tabs.open()
  const first = await masterId(tab.page)
  const [copy] = await Promise.all([
    tab.context.waitForEvent('page'),
    tab.page.evaluate(() => void window.open(location.href)),
  ])
  const second = await masterId(copy)
  expect(second).not.toBe(first)
  expect(await outcomeOf(copy, 'sums.double', { n: 1 })).toBe(2)
  expect(await outcomeOf(tab.page, 'sums.double', { n: 2 })).toBe(4)
  await copy.reload()
  expect(await masterId(copy)).toBe(second)
})

test('a tab opened after one was closed goes on with its jobs, of the same person alone', async () => {
  const context = await tabs.harness.browser.newContext()
  const openAs = async (owner: string) => tabs.open({ context, query: { owner } })
  const closed = await openAs('ada')
  const before = await masterId(closed.page)
  const requestId = await closed.page.evaluate(async () => {
    const job = document.querySelector('drover-master')!.current!.dispatch('sums.double', { n: 4 })
    await job.outcome
    return job.request_id
  })
  {
    await using beside = await openAs('ada')
    expect(await masterId(beside.page)).not.toBe(before)
  }
  await closed[Symbol.asyncDispose]()
  {
    await using others = await openAs('grace')
    await masterId(others.page)
    expect(await others.page.evaluate(() => document.querySelector('drover-master')!.current!.jobs.size)).toBe(0)
  }
  await using one = await openAs('ada')
  await masterId(one.page) // its token is fetched before another tab's is prepared
  await using two = await openAs('ada')
  const known = (tab: Tab) =>
    masterId(tab.page).then(() =>
      tab.page.evaluate(id => document.querySelector('drover-master')!.current!.jobs.has(id), requestId),
    )
  expect((await Promise.all([known(one), known(two)])).filter(Boolean)).toHaveLength(1)
  expect(await masterId(one.page)).not.toBe(await masterId(two.page))
  expect(await outcomeOf(one.page, 'sums.double', { n: 1 })).toBe(2)
  expect(await outcomeOf(two.page, 'sums.double', { n: 2 })).toBe(4)
  await context.close()
})

test('where storage is blocked it says so, and works', async () => {
  const context = await tabs.harness.browser.newContext()
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('access is denied for this document', 'SecurityError')
    }
  })
  await using tab = await tabs.open({ context })
  await masterId(tab.page)
  await tab.page.getByText('Jobs will not survive a reload').waitFor()
  expect(await outcomeOf(tab.page, 'sums.double', { n: 4 })).toBe(8)
  await tab.expectAccessible()
  await context.close()
})
