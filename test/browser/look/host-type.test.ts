/** Type that a host page sets for its own text reaches into no widget: their rows, tables and buttons are made for theirs. */
import { expect, test } from 'vitest'
import { filledWidgets } from '../filled-widgets.ts'
import { setUpHarness } from '../fixture-tabs.ts'
import type { Tab } from '../harness.ts'

const harness = setUpHarness()

const hostType: Readonly<Record<string, string>> = {
  'white-space': 'pre',
  'letter-spacing': '6px',
  'word-spacing': '12px',
  'text-transform': 'uppercase',
  'text-align': 'right',
  'text-align-last': 'right',
  hyphens: 'auto',
  'text-indent': '40px',
  'text-shadow': '0 0 3px red',
  'word-break': 'break-all',
  'line-break': 'anywhere',
  'line-height': '3',
  'font-style': 'italic',
  'font-variant-caps': 'small-caps',
  'text-wrap-style': 'balance',
  'overflow-wrap': 'anywhere',
  'tab-size': '20',
  'text-emphasis-style': 'dot',
  '-webkit-text-stroke-width': '1px',
  '-webkit-text-fill-color': 'red',
  'list-style-type': 'square',
  'border-collapse': 'collapse',
  'border-spacing': '9px',
}

/** Set for itself: another axis scrolls then. */
const vertical: Readonly<Record<string, string>> = { 'writing-mode': 'vertical-rl', 'text-orientation': 'upright' }

/** The properties that a host page sets, of each element in a widget and in the widgets in it. */
const typeIn = (tab: Tab, tag: string, type: Readonly<Record<string, string>>): Promise<string[]> =>
  tab.page.evaluate(
    async ([tag, names]) => {
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
      const within = (root: ParentNode): Element[] =>
        [...root.querySelectorAll('*:not(svg *)')].flatMap(one => [
          one,
          ...(one.shadowRoot === null ? [] : within(one.shadowRoot)),
        ])
      return within(document.querySelector(tag)!.shadowRoot!).map(one => {
        const style = getComputedStyle(one)
        const said = names.map(name => `${name}: ${style.getPropertyValue(name)}`)
        return `<${one.localName} class="${one.getAttribute('class') ?? ''}"> ${said.join('; ')}`
      })
    },
    [tag, Object.keys(type)] as const,
  )

for (const [where, tag, fill] of [...filledWidgets, ['master', 'drover-master', () => undefined] as const]) {
  test(`<${tag}> keeps its type in a page that has set another`, async () => {
    await using tab = await harness.open(where, { reducedMotion: true, width: 1024 })
    await tab.page.locator(tag).first().waitFor({ state: 'attached' })
    await tab.page.evaluate(fill)
    const before = await typeIn(tab, tag, hostType)
    const across = await typeIn(tab, tag, vertical)
    expect(before.length, 'the widget shows something').toBeGreaterThan(2)
    const set = (type: Readonly<Record<string, string>>): Promise<void> =>
      tab.page.evaluate(type => {
        for (const [name, value] of Object.entries(type)) document.documentElement.style.setProperty(name, value)
      }, type)
    await set(hostType)
    expect(await typeIn(tab, tag, hostType)).toEqual(before)
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1024)
    await set(vertical)
    expect(await typeIn(tab, tag, vertical), 'in vertical text').toEqual(across)
  })
}

const shrinking: readonly (readonly [where: string, style: string])[] = [
  ['a flex row', 'display: flex'],
  ['vertical text', 'writing-mode: vertical-rl'],
  ['a column of its own width', 'display: grid; grid-template-columns: max-content'],
]

for (const [where, tag, fill] of filledWidgets) {
  test(`<${tag}> has a width where nothing gives it one`, async () => {
    await using tab = await harness.open(where, { reducedMotion: true, width: 1024 })
    await tab.page.locator(tag).first().waitFor({ state: 'attached' })
    await tab.page.evaluate(fill)
    for (const [name, style] of shrinking) {
      const width = await tab.page
        .locator(tag)
        .first()
        .evaluate((widget, style) => {
          widget.parentElement!.style.cssText = style
          return widget.getBoundingClientRect().width
        }, style)
      expect(width, `in ${name}`).toBeGreaterThan(300)
    }
  })
}
