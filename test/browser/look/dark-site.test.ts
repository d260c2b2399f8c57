/** Widgets in a dark site that does not say so by `color-scheme`: they can be read. */
import { expect, test } from 'vitest'
import { setUpHarness } from '../fixture-tabs.ts'

const harness = setUpHarness()

test.each(['form', 'job', 'jobs', 'workers'])('drover-%s on #111 without color-scheme', async fixture => {
  // No transitions: a colour half way from light to dark is not one to read by
  await using tab = await harness.open(fixture, { reducedMotion: true })
  const { page } = tab
  await page.waitForFunction(() => 'fixture' in globalThis)
  await page.evaluate(() => {
    const { style } = document.documentElement
    style.colorScheme = 'normal'
    Object.assign(document.body.style, { background: '#111', color: '#eee' })
    const { fixture } = globalThis as unknown as {
      fixture: { show?: (schema: unknown) => void; schemas?: { everything: unknown } }
    }
    if (fixture.schemas !== undefined) fixture.show?.(fixture.schemas.everything)
  })
  const contrasts = await page.evaluate(name => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!
    const over = (below: number[], colour: string): number[] => {
      canvas.fillStyle = `rgb(${below.join(' ')})`
      canvas.fillRect(0, 0, 1, 1)
      canvas.fillStyle = colour
      canvas.fillRect(0, 0, 1, 1)
      return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)]
    }
    const light = (colour: number[]): number => {
      const [r = 0, g = 0, b = 0] = colour.map(c =>
        c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      )
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const found: { text: string; contrast: number }[] = []
    const look = (node: Node, below: number[]): void => {
      if (node instanceof Element) {
        if (!node.checkVisibility() || node.matches('style, option, .visually-hidden, [aria-disabled=true]')) return
        below = over(below, getComputedStyle(node).backgroundColor)
        if (node.shadowRoot !== null) for (const one of node.shadowRoot.childNodes) look(one, below)
      }
      if (node instanceof Text && node.data.trim() !== '' && node.parentElement !== null) {
        const [a = 0, b = 0] = [light(over(below, getComputedStyle(node.parentElement).color)), light(below)].toSorted(
          (x, y) => y - x,
        )
        found.push({ text: node.data.trim(), contrast: (a + 0.05) / (b + 0.05) })
      }
      for (const one of node.childNodes) look(one, below)
    }
    look(document.querySelector(`drover-${name}`)!, [17, 17, 17])
    return found
  }, fixture)
  expect(contrasts.length).toBeGreaterThan(0)
  expect(contrasts.filter(({ contrast }) => contrast < 4.5)).toEqual([])
})
