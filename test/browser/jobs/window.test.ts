/** Of 10 000 rows, each as high as it likes to be, `<drover-jobs>` renders those that can be seen, wherever it is scrolled to. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobsFixture } from '../fixtures/jobs.ts'
import { expectFull, firstOf, look, rowOf, scrollTo, withRows } from './view.ts'

/** In the page. */
declare const fixture: JobsFixture

const open = withRows(tabsWith('jobs'))

for (const width of [390, 1440]) {
  test(`wherever it is scrolled to, rows of different heights fill the view, ${width} px`, async () => {
    await using tab = await open(10_000, { width })
    const { rows } = await look(tab)
    if (width === 390) expect(new Set(rows.map(({ top, bottom }) => Math.round(bottom - top))).size).toBeGreaterThan(1)
    for (const top of [0, 40, 700, 300, 250_000, 249_000, 10, 400_000]) {
      await scrollTo(tab, top)
      const view = await look(tab)
      expect(Math.abs(view.scrollTop - top)).toBeLessThan(300)
      expectFull(view)
    }
  })

  test(`End of 10 000 rows that were never measured is the very end, ${width} px`, async () => {
    await using tab = await open(10_000, { width })
    await tab.page.locator('.job').first().focus()
    await tab.page.keyboard.press('End')
    const view = await look(tab)
    expectFull(view)
    expect(view.focused).toBe('task.n0')
    expect(view.rows.at(-1)).toMatchObject({ task: 'task.n0', bottom: expect.closeTo(view.height, 0) })
    const end = await tab.page.evaluate(() => {
      const { scrollHeight, clientHeight } = fixture.jobs.shadowRoot!.querySelector('.scroller')!
      return scrollHeight - clientHeight
    })
    expect(view.scrollTop).toBeCloseTo(end, 0)
  })

  test(`by keys, the row with the focus is whole in view each time, ${width} px`, async () => {
    await using tab = await open(500, { width })
    await tab.page.locator('.job').first().focus()
    let at = 499
    const keys = { PageDown: -10, ArrowDown: -1, PageUp: 10, ArrowUp: 1 }
    for (const key of [
      'PageDown',
      'PageDown',
      'PageDown',
      'ArrowDown',
      'PageDown',
      'PageUp',
      'ArrowUp',
      'PageUp',
    ] as const) {
      await tab.page.keyboard.press(key)
      at += keys[key]
      const view = await look(tab)
      expect(view.focused).toBe(`task.n${at}`)
      const { top, bottom } = rowOf(view, view.focused)
      expect(top).toBeGreaterThan(-0.5)
      expect(bottom).toBeLessThan(view.height + 0.5)
      expectFull(view)
    }
  })
}

test('the wheel goes up through rows that were never measured, and nothing jumps', async () => {
  await using tab = await open(2_000, { width: 390 })
  await scrollTo(tab, 60_000)
  let before = await look(tab)
  await tab.page.locator('.scroller').hover()
  for (let nth = 0; nth < 12; nth++) {
    const { task, top } = firstOf(before)
    await tab.page.mouse.wheel(0, -90)
    await expect.poll(async () => (await look(tab)).rows.find(one => one.task === task)?.top).toBeCloseTo(top + 90, 0)
    before = await look(tab)
    expectFull(before)
  }
})

test('a row with the focus keeps it when it is scrolled away, and the keys go on from there', async () => {
  await using tab = await open(1_000)
  await tab.page.locator('.job').nth(3).focus()
  for (const top of [20_000, 200, 40_000]) {
    await scrollTo(tab, top)
    const view = await look(tab)
    expect(view.focused).toBe('task.n996')
    expect(Math.abs(view.scrollTop - top)).toBeLessThan(2)
    expectFull(view)
  }
  await tab.page.keyboard.press('ArrowDown')
  const view = await look(tab)
  expect(view.focused).toBe('task.n995')
  expect(rowOf(view, 'task.n995').top).toBeGreaterThan(-0.5)
})
