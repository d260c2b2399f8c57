import { expect, test } from 'vitest'
import { setUpHarness } from '../fixture-tabs.ts'
import type { DeadFixture } from '../fixtures/dead.ts'
import type { OpenOptions, Tab } from '../harness.ts'

/** In the page. */
declare const fixture: DeadFixture

const harness = setUpHarness()

async function open(options?: OpenOptions): Promise<Tab> {
  const tab = await harness.open('dead', options)
  await tab.page.waitForFunction(() => 'fixture' in globalThis)
  await tab.page.evaluate(() => fixture.start())
  return tab
}

for (const [colorScheme, width] of [
  ['light', 390],
  ['dark', 390],
  ['light', 1440],
  ['dark', 1440],
] as const) {
  test(`dead jobs can be read by everyone, ${colorScheme} at ${width} px`, async () => {
    await using tab = await open({ colorScheme, width, height: 1200, reducedMotion: true })
    await tab.page.getByRole('button', { name: 'image.thumbnail 1f0cdd1c', exact: true }).click()
    await tab.page.getByText('Dispatched by').waitFor()
    await tab.page.getByText('Input', { exact: true }).click()
    await tab.expectAccessible()
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  })
}

test('a letter shows its history, and no secret; it is sent again, or dropped when a person says so twice', async () => {
  await using tab = await open({ width: 1440 })
  const { page } = tab
  const row = (text: string) => page.getByRole('listitem').filter({ hasText: text })
  await page.getByText('4 dead jobs').waitFor()
  await page.getByRole('button', { name: 'image.thumbnail 1f0cdd1c', exact: true }).click()
  await page.getByText('Input', { exact: true }).click()
  const all = (await row('1f0cdd1c').first().textContent()) ?? ''
  for (const part of ['worker went away', 'by grace', 'attempt 1', 'plum-1', 'ada', '••••••', 'Retried'])
    expect(all).toContain(part)
  expect(all).not.toContain('hunter2')
  await page.getByRole('img', { name: 'Sealed' }).waitFor()
  await row('no JSON at all').getByText('Cannot be sent again').waitFor()
  expect(await row('no JSON at all').getByRole('button', { name: /again/ }).count()).toBe(0)

  await page.getByRole('button', { name: 'Drop message 0000f2ad6', exact: false }).first().click()
  expect(await page.evaluate(() => fixture.asked)).toEqual([])
  await page.getByRole('button', { name: /^Really drop message/ }).click()
  await page.getByText('3 dead jobs').waitFor()
  await page
    .getByRole('button', { name: 'Send again report.monthly-revenue-by-region-and-by-quarter 2f0cdd1c' })
    .click()
  await page.getByText('2 dead jobs').waitFor()
  await page.getByText('1 dead letter sent again.').waitFor({ state: 'attached' })
  await page.getByRole('button', { name: 'Send 2 again' }).click()
  await page.getByRole('button', { name: 'Really send 2 again' }).click()
  await page.getByText('No dead jobs').waitFor()
  expect(await page.evaluate(() => fixture.asked)).toEqual(['drop 1', 'retry 1', 'retry 2'])
})

test('a refusal is said, and a search narrows', async () => {
  await using tab = await open({ width: 768 })
  const { page } = tab
  await page.getByLabel('Code or text of the error').fill('lost its worker')
  await page.getByLabel('Code or text of the error').press('Enter')
  await page.getByText('1 dead job', { exact: true }).waitFor()
  await page.evaluate(() => fixture.refuse('This token does not grant that'))
  await page.getByRole('button', { name: 'Refresh' }).click()
  await page.getByRole('alert').getByText('This token does not grant that').waitFor()
  await page.evaluate(() => fixture.refuse(undefined))
  await page.getByRole('button', { name: 'Refresh' }).click()
  await page.getByRole('alert').waitFor({ state: 'detached' })
})
