import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ground, startGround } from './harness.ts'

let ground: Ground
beforeAll(async () => {
  ground = await startGround()
})
afterAll(() => ground[Symbol.asyncDispose]())

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every state, button and note can be read by everyone, ${colorScheme}`, async () => {
    await using tab = await ground.open('look', { colorScheme, reducedMotion: true })
    await tab.page.getByText('No worker').waitFor()
    await tab.expectAccessible()
    await tab.page.screenshot({ path: `.test-results/look-${colorScheme}.png`, fullPage: true })
  })
}

test('nothing scrolls sideways at 320 px', async () => {
  await using tab = await ground.open('look', { width: 320 })
  await tab.page.getByText('No worker').waitFor()
  expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
})

test('a disabled button under the pointer looks disabled still', async () => {
  await using tab = await ground.open('look', { reducedMotion: true })
  const button = tab.page.getByRole('button', { name: 'Disabled' })
  const colours = () =>
    button.evaluate(element => [getComputedStyle(element).backgroundColor, getComputedStyle(element).color])
  const before = await colours()
  await button.hover({ force: true })
  expect(await button.evaluate(element => element.matches(':hover'))).toBe(true)
  expect(await colours()).toEqual(before)
})
