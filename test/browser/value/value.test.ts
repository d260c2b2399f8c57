/** Values in narrow places and in both directions: nothing lies over text that is to be read. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobFixture } from '../fixtures/job.ts'

declare const fixture: JobFixture

const openJob = tabsWith('job')

for (const direction of ['ltr', 'rtl']) {
  test(`the button that copies covers no first line, ${direction}`, async () => {
    await using tab = await openJob({ width: 390, reducedMotion: true })
    const { page } = tab
    await page.evaluate(dir => {
      document.documentElement.dir = dir
      fixture.show(fixture.result({ of: 'a line that is as long as the place for it, and then some more of it' }))
    }, direction)
    await page.locator('drover-job .tree summary').first().focus()
    await page.keyboard.press('ArrowLeft')
    await page.locator('drover-job .tree details:not([open])').first().waitFor()
    const copy = (await page.getByRole('button', { name: 'Copy result' }).boundingBox())!
    const lines = await page
      .locator('drover-job .tree summary > span')
      .first()
      .evaluate(one => [...one.getClientRects()].map(({ left, right, top, bottom }) => ({ left, right, top, bottom })))
    expect(lines.length).toBeGreaterThan(0)
    const covered = lines.filter(
      ({ left, right, top, bottom }) =>
        left < copy.x + copy.width && right > copy.x && top < copy.y + copy.height && bottom > copy.y,
    )
    expect(covered).toEqual([])
    await tab.expectAccessible()
    await page.screenshot({ path: `.test-results/value-390-${direction}.png` })
  })
}

test('a deep tree on a narrow screen keeps lines that can be read, and scrolls inside its frame', async () => {
  await using tab = await openJob({ width: 390, reducedMotion: true })
  const { page } = tab
  await page.waitForFunction(() => 'fixture' in globalThis)
  await page.evaluate(() => {
    let value: unknown = 'the innermost of all'
    for (let depth = 0; depth < 14; depth++) value = { inner: value }
    fixture.show(fixture.result(value))
  })
  for (let depth = 2; depth < 14; depth++) {
    const last = page.locator('drover-job .tree summary').last()
    await last.focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.locator('drover-job .tree summary').count()).toBe(depth + 1)
  }
  await page.locator('drover-job .tree summary').last().focus()
  await page.keyboard.press('ArrowRight')
  const line = page.locator('drover-job .tree .string')
  await line.waitFor()
  const { height, size } = await line.evaluate(one => ({
    height: one.getBoundingClientRect().height,
    size: Number.parseFloat(getComputedStyle(one).fontSize),
  }))
  expect(height).toBeLessThan(size * 4)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await page.screenshot({ path: '.test-results/value-390-deep.png' })
})
