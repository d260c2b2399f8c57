/** `<drover-jobs>` renders the rows that can be seen when it gets another size, or none for a while. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobsFixture } from '../fixtures/jobs.ts'
import type { Tab } from '../harness.ts'
import { expectFull, firstOf, look, rowOf, scrollTo, withRows } from './view.ts'

/** In the page. */
declare const fixture: JobsFixture

const openFixture = tabsWith('jobs')
const open = withRows(openFixture)

/** Error events of the page, such as that a ResizeObserver goes round in circles, which the console does not show. */
const noteErrors = (tab: Tab): Promise<void> =>
  tab.page.evaluate(() => {
    const errors: string[] = []
    addEventListener('error', ({ message }) => void errors.push(message))
    Object.assign(globalThis, { errors })
  })
const errorsOf = (tab: Tab): Promise<string[]> =>
  tab.page.evaluate(() => (globalThis as unknown as { errors: string[] }).errors)

test('from wide to narrow and back, the first row in view stays there, and no error is told to the page', async () => {
  await using tab = await open(10_000, { width: 1440 })
  await noteErrors(tab)
  await scrollTo(tab, 100_000)
  const { task } = firstOf(await look(tab))
  for (const width of [1000, 390, 320, 700, 1440]) {
    await tab.page.setViewportSize({ width, height: 768 })
    const view = await look(tab)
    expect(rowOf(view, task).top).toBeLessThan(80)
    expectFull(view)
    // The scrollbar too is of rows as they are now
    const mean = (view.rows.at(-1)!.bottom - view.rows[0]!.top) / view.rows.length
    expect(Math.abs(view.total / 10_000 / mean - 1)).toBeLessThan(0.15)
  }
  expect(await errorsOf(tab)).toEqual([])
})

test('where rows fit when they are wide and do not when they are narrow, no error is told to the page', async () => {
  await using tab = await open(9, { width: 1440 })
  await noteErrors(tab)
  const narrower = Array.from({ length: 15 }, (_, nth) => 1440 - nth * 80)
  for (const width of [...narrower, ...narrower.toReversed(), 320, 1440]) {
    await tab.page.setViewportSize({ width, height: 768 })
    const { rows, height } = await look(tab)
    expect(rows[0]).toMatchObject({ task: 'task.n8', top: expect.closeTo(0, 0) })
    expect(rows.at(-1)!.bottom).toBeGreaterThanOrEqual(height - 0.5)
  }
  expect(await errorsOf(tab)).toEqual([])
})

test('hidden and shown again, or taken out of the page and put back, it is where it was', async () => {
  await using tab = await open(1_000, { width: 390 })
  await scrollTo(tab, 20_000)
  const before = await look(tab)
  const hide = (isHidden: boolean) =>
    tab.page.evaluate(isHidden => fixture.jobs.toggleAttribute('hidden', isHidden), isHidden)
  const touch = () =>
    tab.page.evaluate(async () => {
      fixture.jobs.requestUpdate()
      await fixture.jobs.updateComplete
    })
  await hide(true)
  await touch()
  expect((await look(tab)).rendered).toBe(before.rendered)
  await touch()
  await hide(false)
  const after = await look(tab)
  expect(after.rows).toEqual(before.rows)
  await tab.page.evaluate(async () => {
    const main = document.querySelector('main')!
    fixture.jobs.remove()
    await new Promise(requestAnimationFrame)
    main.append(fixture.jobs)
    await fixture.jobs.updateComplete
  })
  expect((await look(tab)).rows).toEqual(before.rows)
  await scrollTo(tab, 20_500)
  expectFull(await look(tab))
})

test('a list that has no height yet has rows for when it gets some', async () => {
  await using tab = await openFixture()
  await tab.page.evaluate(() => {
    fixture.jobs.style.setProperty('--drover-jobs-height', '0px')
    fixture.master.set(...Array.from({ length: 1_000 }, (_, i) => fixture.job({ task: `task.n${i}` })))
  })
  await tab.page.locator('.job').first().waitFor({ state: 'attached' })
  expect((await look(tab)).rendered).toBeGreaterThan(4)
  await tab.page.evaluate(() => fixture.jobs.style.setProperty('--drover-jobs-height', '900px'))
  const view = await look(tab)
  expect(view.height).toBe(900)
  expectFull(view)
})

test('a page that draws it smaller than it is changes nothing', async () => {
  await using tab = await open(1_000, { width: 390 })
  await tab.page.evaluate(() => fixture.jobs.style.setProperty('transform', 'scale(0.5)'))
  await tab.page.locator('.job').first().focus()
  await tab.page.keyboard.press('End')
  const view = await look(tab)
  expectFull(view)
  expect(view.rows.at(-1)).toMatchObject({ task: 'task.n0', bottom: expect.closeTo(view.height, 0) })
})

test('a job that comes first while the list is hidden, as behind a form on a phone, is there when it shows', async () => {
  await using tab = await openFixture({ width: 390 })
  const whileHidden = (tasks: string[]) =>
    tab.page.evaluate(async tasks => {
      const main = document.querySelector('main')!
      main.style.display = 'none'
      fixture.master.set(...tasks.map(task => fixture.job({ task })))
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
      main.style.display = ''
    }, tasks)
  await whileHidden(['the.first'])
  await tab.page.getByText('the.first').waitFor()
  const { rows } = await look(tab)
  expect(rows.map(({ task, bottom }) => [task, bottom > 40])).toEqual([['the.first', true]])
  await whileHidden(Array.from({ length: 60 }, (_, n) => `task.n${n}`))
  await tab.page.getByText('task.n59').waitFor()
  expectFull(await look(tab))
})
