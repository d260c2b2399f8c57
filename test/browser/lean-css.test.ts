/** A page downloads leaner style sheets than the sources: every widget looks the same with them. */
import { expect, test } from 'vitest'
import { withLeanCss } from '../../scripts/build/lean-css.ts'
import { filledWidgets } from './filled-widgets.ts'
import { setUpHarness } from './fixture-tabs.ts'
import type { Tab } from './harness.ts'

const harness = setUpHarness()

/** How each element looks, with a line a property: numbers to a hundredth, since `8%` of a colour is written as one byte. */
const looks = (tab: Tab, tag: string): Promise<string[]> =>
  tab.page.evaluate(async tag => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
    const root = document.querySelector(tag)!.shadowRoot!
    return [...root.querySelectorAll('*:not(svg *)')].map(element => {
      const style = getComputedStyle(element)
      // `background: none` and `background: 0 0` place no picture alike; the value of a private property shows in others.
      const names = [...style].filter(name => !/^background-position|^--/.test(name))
      return [`${element.localName}.${element.getAttribute('class')}`, ...names]
        .map(name => `${name}: ${style.getPropertyValue(name)}`)
        .join('\n')
        .replace(/\d*\.\d+/g, digits => String(Math.round(Number(digits) * 100) / 100))
    })
  }, tag)

const sheetsOf = (tab: Tab, tag: string): Promise<string[]> =>
  tab.page.evaluate(tag => {
    const { elementStyles } = customElements.get(tag) as unknown as { elementStyles: { cssText: string }[] }
    return elementStyles.map(({ cssText }) => cssText)
  }, tag)

for (const [where, tag, fill] of filledWidgets) {
  test(`<${tag}> looks the same`, async () => {
    await using tab = await harness.open(where, { reducedMotion: true })
    await tab.page.waitForFunction(() => 'fixture' in globalThis)
    await tab.page.evaluate(fill)
    const sheets = await sheetsOf(tab, tag)
    const lean = sheets.map(sheet => withLeanCss(`css\`${sheet}\``, tag).slice('css`'.length, -1))
    expect(lean.join('').length).toBeLessThan(sheets.join('').length * 0.9)
    const wear = (sheets: readonly string[]) =>
      tab.page.evaluate(
        ([tag, sheets]) => {
          const { elementStyles } = customElements.get(tag) as unknown as {
            elementStyles: { styleSheet: CSSStyleSheet }[]
          }
          for (const [nth, { styleSheet }] of elementStyles.entries()) styleSheet.replaceSync(sheets[nth]!)
        },
        [tag, sheets] as const,
      )
    const windows = [
      ['light', 320],
      ['dark', 1440],
    ] as const
    for (const [colorScheme, width] of windows) {
      await tab.page.emulateMedia({ colorScheme })
      await tab.page.setViewportSize({ width, height: 1200 })
      await wear(sheets)
      const before = await looks(tab, tag)
      await wear(lean)
      for (const [nth, look] of (await looks(tab, tag)).entries()) expect(look).toBe(before[nth])
    }
  })
}
