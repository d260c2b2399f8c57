/** A person's actions on the jobs in `<drover-jobs>`: cancel, dispatch again. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobsFixture } from '../fixtures/jobs.ts'
import { fill } from './list.ts'

/** In the page. */
declare const fixture: JobsFixture

const open = tabsWith('jobs')

test('a job that waits is cancelled at once, one that runs when it was asked for twice', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    fixture.master.set(
      fixture.job({ task: 'it.runs', phase: { at: 'running', since: 0 } }),
      fixture.job({ task: 'it.waits' }),
    )
  })
  const [runs, waits] = await tab.page.evaluate(() => [...fixture.master.jobs.keys()])
  const asked = () => tab.page.evaluate(() => fixture.master.asked.filter(one => one.startsWith('cancel')))
  const button = (task: string) => tab.page.getByRole('row').filter({ hasText: task }).locator('.cancel')
  await button('it.waits').click()
  expect(await asked()).toEqual([`cancel ${waits}`])
  await button('it.runs').dblclick()
  const sure = tab.page.getByRole('button', { name: /^Really cancel it.runs/ })
  await sure.waitFor()
  await tab.page.getByRole('status').filter({ hasText: 'Press once more to cancel it.runs' }).waitFor()
  await tab.expectAccessible()
  await tab.page.getByRole('searchbox').focus()
  await tab.page.getByRole('button', { name: /^Cancel it.runs/ }).waitFor()
  expect(await asked()).toHaveLength(1)
  await button('it.runs').focus()
  await tab.page.keyboard.down('Enter')
  await tab.page.keyboard.down('Enter')
  await tab.page.keyboard.up('Enter')
  await sure.waitFor()
  expect(await asked()).toHaveLength(1)
  await tab.page.keyboard.press('Enter')
  expect(await asked()).toEqual([`cancel ${waits}`, `cancel ${runs}`])
  await sure.waitFor({ state: 'detached' })
})

test('after some seconds it is not asked any more', async () => {
  await using tab = await open()
  await tab.page.clock.install()
  await tab.page.evaluate(() => fixture.master.set(fixture.job({ phase: { at: 'running', since: 0 } })))
  await tab.page.clock.runFor(100)
  await tab.page.locator('.cancel').click()
  await tab.page.clock.runFor(100)
  await tab.page.locator('.sure').waitFor()
  await tab.page.clock.runFor(7000)
  await tab.page.locator('.cancel:not(.sure)').waitFor()
  expect(await tab.page.evaluate(() => fixture.master.asked.filter(one => one.startsWith('cancel')))).toEqual([])
})

test('ages, and how long it is asked, go by the clock of the master', async () => {
  await using tab = await open()
  const { page } = tab
  await page.evaluate(() => {
    const { master, job } = fixture
    const inTwoDays = Date.now() + 2 * 86_400_000 + 60_000 // the job below is made a moment later
    const waits: { ms: number; fire: () => void }[] = []
    const timer = (ms: number, fire: () => void) => {
      waits.push({ ms, fire })
      return () => {}
    }
    master.clock = { now: () => inTwoDays, steady: () => inTwoDays, timer }
    master.set(job({ created_at: Date.now(), phase: { at: 'running', since: Date.now() } }))
    const pass = (until: number) => {
      const due = waits.filter(({ ms }) => ms === until)
      for (const { fire } of due) fire()
      return due.length
    }
    Object.assign(globalThis, { pass })
  })
  await page.locator('.row time', { hasText: '2d ago' }).waitFor()
  await page.locator('.cancel').click()
  await page.locator('.sure').waitFor()
  const passed = page.evaluate(() => (globalThis as unknown as { pass: (ms: number) => number }).pass(6000))
  expect(await passed, 'the wait is one of that clock').toBe(1)
  await page.locator('.cancel:not(.sure)').waitFor()
})

test('"Cancel" is a word wherever there is room for it', async () => {
  await using tab = await open({ width: 1440 })
  await fill(tab, 1)
  const word = tab.page.locator('.cancel .word')
  await word.waitFor()
  for (const [width, isThere] of [
    [1200, true],
    [800, false],
    [500, true],
    [320, true],
  ] as const) {
    await tab.page.setViewportSize({ width, height: 700 })
    await expect.poll(() => word.isVisible(), { message: `${width} px` }).toBe(isThere)
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  }
})

test('the page around may veto dispatching again, and hears of a refusal', async () => {
  await using tab = await open()
  await tab.page.clock.install()
  await fill(tab, 1)
  const again = tab.page.getByRole('button', { name: /Dispatch again/ })
  await tab.page.evaluate(() =>
    fixture.jobs.addEventListener('drover-dispatch', event => event.preventDefault(), { once: true }),
  )
  await again.click()
  expect(await tab.page.evaluate(() => fixture.master.jobs.size)).toBe(1)
  await tab.page.evaluate(() => void Object.assign(fixture.master, { refuses: 'this master was disposed' }))
  await tab.page.clock.runFor(1000) // sooner it would be the same double click
  await again.click()
  await tab.page.getByText('Not dispatched. this master was disposed').waitFor()
  await tab.expectAccessible()
})

test('rows are links where the page gives an address, and open here or elsewhere', async () => {
  await using tab = await open()
  await fill(tab, 2)
  expect(await tab.page.locator('.job a').count()).toBe(0)
  await tab.page.evaluate(() => fixture.jobs.setAttribute('job-href', '#/jobs/{id}'))
  const link = tab.page.locator('.job a').first()
  await link.waitFor()
  const id = await tab.page.locator('.job').first().getAttribute('data-id')
  expect(await link.getAttribute('href')).toBe(`#/jobs/${id}`)
  const hash = () => tab.page.evaluate(() => location.hash)
  const before = await hash()
  await link.click()
  expect(await tab.page.evaluate(() => fixture.selected)).toEqual([`job ${id}`])
  expect(await hash(), 'the page around decides where a plain press leads').toBe(before)
  const [other] = await Promise.all([tab.context.waitForEvent('page'), link.click({ modifiers: ['ControlOrMeta'] })])
  expect(new URL(other.url()).hash).toBe(`#/jobs/${id}`)
  expect(await tab.page.evaluate(() => fixture.selected.length)).toBe(1)
  await tab.expectAccessible()
})
