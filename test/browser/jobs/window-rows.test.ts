/** `<drover-jobs>` renders the rows that can be seen when rows change, or become fewer. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobsFixture } from '../fixtures/jobs.ts'
import { expectFull, firstOf, look, rowOf, scrollTo, withRows } from './view.ts'

/** In the page. */
declare const fixture: JobsFixture

const open = withRows(tabsWith('jobs'))

test('a row above the view that gets higher or lower moves nothing that is in view', async () => {
  await using tab = await open(200, { width: 390 })
  await scrollTo(tab, 5_000)
  const before = await look(tab)
  const { task, top } = firstOf(before)
  const above = `task.n${Number(task.slice('task.n'.length)) + 2}`
  const heightOf = () =>
    tab.page.locator('.job', { hasText: above }).evaluate(row => row.getBoundingClientRect().height)
  const heights = [await heightOf()]
  for (const message of ['so much '.repeat(3), '']) {
    await tab.page.evaluate(
      ({ above, message }) => {
        const job = [...fixture.master.jobs.values()].find(({ task }) => task === above)!
        const progress = { v: 1, type: 'progress', request_id: '', attempt: 1, message } as const
        fixture.master.set({ ...job, phase: { at: 'running', since: 0 }, progress, attempt: message === '' ? 1 : 3 })
      },
      { above, message },
    )
    const view = await look(tab)
    heights.push(await heightOf())
    expect(rowOf(view, task).top).toBeCloseTo(top, 0)
    expectFull(view)
  }
  expect(heights[1]).not.toBe(heights[0])
  expect(heights[2]).not.toBe(heights[1])
})

test('a filter that leaves few rows shows them from the top, and all of them again without it', async () => {
  await using tab = await open(1_000)
  await scrollTo(tab, 30_000)
  await look(tab)
  await tab.page.getByRole('searchbox').fill('task.n77')
  await tab.page.waitForFunction(() => fixture.jobs.shadowRoot?.querySelectorAll('.job').length === 11)
  const few = await look(tab)
  expect(few.scrollTop).toBe(0)
  expect(few.rows[0]).toMatchObject({ task: 'task.n779', top: expect.closeTo(0, 0) })
  await tab.page.getByRole('searchbox').fill('')
  await tab.page.getByText('task.n999', { exact: true }).waitFor()
  expectFull(await look(tab))
})

test('rows that are removed leave no gap', async () => {
  await using tab = await open(1_000)
  await tab.page.evaluate(() => {
    const ids = [...fixture.master.jobs.keys()]
    for (const id of ids.slice(5)) fixture.master.forget(id)
  })
  await tab.page.waitForFunction(() => fixture.jobs.shadowRoot?.querySelectorAll('.job').length === 5)
  const { rows, height } = await look(tab)
  expect(rows.map(({ task }) => task)).toEqual([4, 3, 2, 1, 0].map(n => `task.n${n}`))
  expect(rows[0]!.top).toBeCloseTo(0, 0)
  expect(rows[4]!.bottom).toBeCloseTo(height, 0)
})
