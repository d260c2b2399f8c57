/** What a page downloads has leaner style sheets than the sources: every widget looks the same with them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withLeanCss } from '../../scripts/build/lean-css.ts'
import type { FormGround } from './fixtures/form.ts'
import type { JobGround } from './fixtures/job.ts'
import type { JobsGround } from './fixtures/jobs.ts'
import type { WorkersGround } from './fixtures/workers.ts'
import { type Ground, startGround, type Tab } from './harness.ts'

/** In the page. */
declare const ground: FormGround & JobsGround & JobGround & WorkersGround

let here: Ground
beforeAll(async () => {
  here = await startGround()
})
afterAll(() => here[Symbol.asyncDispose]())

const widgets: readonly (readonly [where: string, tag: string, fill: () => void])[] = [
  ['jobs', 'drover-jobs', () => ground.master.set(...ground.everyState(0).slice(0, 6))],
  ['job', 'drover-job', () => ground.show(ground.result([{ file: 'web.log', line: 4 }]))],
  ['workers', 'drover-workers', () => ground.master.worker(...ground.everyWorker())],
  ['form', 'drover-form', () => ground.show(ground.schemas.everything)],
]

/** How each element looks, with a line a property: numbers to a hundredth, since `8%` of a colour is written as one byte. */
const looks = (tab: Tab, tag: string): Promise<string[]> =>
  tab.page.evaluate(async tag => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
    const root = document.querySelector(tag)!.shadowRoot!
    return [...root.querySelectorAll('*:not(svg *)')].map(element => {
      const style = getComputedStyle(element)
      // `background: none` and `background: 0 0` place no picture alike; what a private property says shows in others.
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

for (const [where, tag, fill] of widgets) {
  test(`<${tag}> looks the same`, async () => {
    await using tab = await here.open(where, { reducedMotion: true })
    await tab.page.waitForFunction(() => 'ground' in globalThis)
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
