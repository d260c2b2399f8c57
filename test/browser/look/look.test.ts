import { expect, test } from 'vitest'
import { setUpHarness } from '../fixture-tabs.ts'

const harness = setUpHarness()

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every state, button and note can be read by everyone, ${colorScheme}`, async () => {
    await using tab = await harness.open('look', { colorScheme, reducedMotion: true })
    await tab.page.getByText('No worker').waitFor()
    await tab.expectAccessible()
    await tab.page.screenshot({ path: `.test-results/look-${colorScheme}.png`, fullPage: true })
  })
}

test('nothing scrolls sideways at 320 px', async () => {
  await using tab = await harness.open('look', { width: 320 })
  await tab.page.getByText('No worker').waitFor()
  expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
})

test('a disabled button under the pointer looks disabled still', async () => {
  await using tab = await harness.open('look', { reducedMotion: true })
  const button = tab.page.getByRole('button', { name: 'Disabled' })
  const colours = () =>
    button.evaluate(element => [getComputedStyle(element).backgroundColor, getComputedStyle(element).color])
  const before = await colours()
  await button.hover({ force: true })
  expect(await button.evaluate(element => element.matches(':hover'))).toBe(true)
  expect(await colours()).toEqual(before)
})

test('progress without a value moves, stands still where motion is not wanted, and is no empty bar', async () => {
  const lookOf = async (reducedMotion: boolean) => {
    await using tab = await harness.open('look', { reducedMotion })
    return await tab.page.getByRole('progressbar', { name: 'Going' }).evaluate(bar => {
      const { animationName, backgroundImage } = getComputedStyle(bar)
      return { animationName, isStriped: backgroundImage.includes('gradient') }
    })
  }
  expect(await lookOf(false)).toEqual({ animationName: 'drover-move', isStriped: true })
  expect(await lookOf(true)).toEqual({ animationName: 'none', isStriped: true })
})

test('in forced colours progress shows, and a pressed button differs from others', async () => {
  await using tab = await harness.open('look', { forcedColors: true, reducedMotion: true })
  const { page } = tab
  await page.getByText('No worker').waitFor()
  await tab.expectAccessible()
  await page.screenshot({ path: '.test-results/look-forced.png', fullPage: true })
  const disabled = await page.getByRole('button', { name: 'Disabled' }).evaluate(one => {
    one.style.transition = 'none'
    one.removeAttribute('disabled')
    one.setAttribute('aria-disabled', 'true') // as one that stays in the order of the keyboard
    const border = getComputedStyle(one).borderTopColor
    one.style.borderColor = 'GrayText'
    return { border, grey: getComputedStyle(one).borderTopColor }
  })
  expect(disabled.border, 'a button that does nothing looks so').toBe(disabled.grey)
  const styleOf = (name: string) =>
    page
      .getByRole('button', { name, exact: true })
      .evaluate(one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color])
  const [highlight, text] = await page.evaluate(() => {
    const probe = document.createElement('p')
    document.body.append(probe)
    Object.assign(probe.style, { backgroundColor: 'Highlight', color: 'HighlightText', forcedColorAdjust: 'none' })
    const { backgroundColor, color } = getComputedStyle(probe)
    probe.remove()
    return [backgroundColor, color]
  })
  expect(await styleOf('Pressed')).toEqual([highlight, text])
  expect(await styleOf('Not pressed')).not.toEqual([highlight, text])
  for (const name of ['Forty', 'Going']) {
    const bar = page.getByRole('progressbar', { name })
    const border = await bar.evaluate(one => [
      getComputedStyle(one).borderTopWidth,
      getComputedStyle(one).borderTopStyle,
    ])
    expect(border).toEqual(['1px', 'solid'])
  }
  expect(
    await page.getByRole('progressbar', { name: 'Going' }).evaluate(one => getComputedStyle(one).backgroundImage),
  ).toContain(highlight!)
})
