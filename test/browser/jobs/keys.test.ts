/** `<drover-jobs>` by keyboard. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobsFixture } from '../fixtures/jobs.ts'
import { fill } from './list.ts'

/** In the page. */
declare const fixture: JobsFixture

const open = tabsWith('jobs')

test('by keyboard: rows by arrows, their buttons by the side, Enter chooses', async () => {
  await using tab = await open()
  await fill(tab, 5)
  await tab.page.getByRole('searchbox').focus()
  await tab.page.keyboard.press('Tab')
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'Enter']) await tab.page.keyboard.press(key)
  const ids = await tab.page.evaluate(() => [...fixture.master.jobs.keys()].reverse())
  expect(await tab.page.evaluate(() => fixture.selected)).toEqual([`job ${ids[1]}`])
  expect(await tab.page.locator('.job[aria-selected=true]').getAttribute('data-id')).toBe(ids[1])
  await tab.page.keyboard.press('ArrowRight')
  await tab.page.keyboard.press('Enter')
  await tab.page.keyboard.press('ArrowRight')
  await tab.page.keyboard.press('Enter')
  expect(await tab.page.evaluate(() => fixture.master.asked.filter(one => !one.startsWith('watch')))).toEqual([
    `cancel ${ids[1]}`,
    `again ${ids[1]}`,
  ])
  await tab.page.keyboard.press('ArrowLeft')
  await tab.page.keyboard.press('ArrowLeft')
  await tab.page.keyboard.press('Home')
  expect(await tab.page.evaluate(() => fixture.jobs.shadowRoot?.activeElement?.getAttribute('data-id'))).toBe(ids[0])
})

test('Tab leads to the chosen row, else to the first in view; it was the last job for a person who saw them come', async () => {
  await using tab = await open()
  for (let n = 0; n < 3; n++) {
    await fill(tab, 1)
    await tab.page.waitForFunction(n => fixture.jobs.shadowRoot!.querySelectorAll('.job').length === n, n + 1)
  }
  await fill(tab, 60)
  await tab.page.getByText('task.n59').waitFor()
  const ids = await tab.page.evaluate(() => [...fixture.master.jobs.keys()].reverse())
  const enter = async () => {
    await tab.page.getByRole('searchbox').focus()
    await tab.page.keyboard.press('Tab')
    return ids.indexOf(
      await tab.page.evaluate(() => (fixture.jobs.shadowRoot!.activeElement as HTMLElement).dataset.id ?? 'none'),
    )
  }
  expect(await enter()).toBe(0)
  await tab.page.keyboard.press('ArrowDown')
  await expect
    .poll(() => tab.page.evaluate(() => fixture.jobs.shadowRoot!.activeElement?.getAttribute('data-id')))
    .toBe(ids[1])
  expect(await enter()).toBe(0)
  await tab.page.evaluate(id => void Object.assign(fixture.jobs, { selected: id }), ids[50])
  expect(await enter()).toBe(50)
  await tab.page.evaluate(() => void Object.assign(fixture.jobs, { selected: undefined }))
  await tab.page.getByRole('searchbox').focus()
  await tab.page.evaluate(() => fixture.jobs.shadowRoot!.querySelector('.scroller')!.scrollTo(0, 1000))
  await tab.page.waitForFunction(() => !fixture.jobs.shadowRoot!.querySelector('.job[aria-rowindex="2"]'))
  // Rows get their heights as they come into view, and those below move: the first in view is known at rest
  await tab.page.waitForFunction(async () => {
    const scroller = fixture.jobs.shadowRoot!.querySelector('.scroller')!
    const tops = (): string =>
      [...scroller.querySelectorAll('.job')].map(row => Math.round(row.getBoundingClientRect().top)).join()
    const before = tops()
    for (let frames = 0; frames < 5; frames++) await new Promise(requestAnimationFrame)
    return tops() === before
  })
  const place = await enter()
  const topOf = (): Promise<number> =>
    tab.page.evaluate(() => {
      const root = fixture.jobs.shadowRoot!
      const view = root.querySelector('.scroller')!.getBoundingClientRect()
      return root.activeElement!.getBoundingClientRect().top - view.top
    })
  expect(place).toBeGreaterThan(10)
  await expect.poll(topOf).toSatisfy(top => top >= -1 && top < 80)
})

test('from right to left, the side keys are the other way round', async () => {
  await using tab = await open()
  await fill(tab, 1)
  await tab.page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'))
  await tab.page.locator('.job').first().focus()
  await tab.page.keyboard.press('ArrowLeft')
  expect(await tab.page.evaluate(() => fixture.jobs.shadowRoot?.activeElement?.getAttribute('data-action'))).toBe(
    'cancel',
  )
  await tab.expectAccessible()
})

test('a focused Cancel that is not needed any more gives the focus to its row', async () => {
  await using tab = await open()
  await fill(tab, 2)
  await tab.page.locator('.job').first().focus()
  await tab.page.keyboard.press('ArrowRight')
  await tab.page.evaluate(() => {
    const job = [...fixture.master.jobs.values()].at(-1)!
    fixture.master.set({ ...job, phase: { at: 'ended', since: 0, outcome: { type: 'result', output: 1 } } })
  })
  await tab.page.waitForFunction(() => fixture.jobs.shadowRoot?.activeElement?.getAttribute('role') === 'row')
})
