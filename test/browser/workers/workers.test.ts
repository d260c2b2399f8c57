import { expect, test } from 'vitest'
import { setUpHarness } from '../fixture-tabs.ts'
import type { WorkersFixture } from '../fixtures/workers.ts'
import type { OpenOptions, Tab } from '../harness.ts'

/** In the page. */
declare const fixture: WorkersFixture

const harness = setUpHarness()

async function open(options?: OpenOptions): Promise<Tab> {
  const tab = await harness.open('workers', options)
  await tab.page.waitForFunction(() => 'fixture' in globalThis)
  return tab
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [320, 768, 1440]) {
    test(`every state can be read by everyone, ${colorScheme} at ${width} px`, async () => {
      await using tab = await open({ colorScheme, width, height: 1400, reducedMotion: true })
      await tab.page.evaluate(() => {
        fixture.master.worker(...fixture.everyWorker())
        fixture.workers.selected = 'w-busy'
      })
      await tab.page.getByText('quince-1').waitFor()
      await tab.expectAccessible()
      expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    })
  }
}

test('a row says all there is to know; the silent, the stuck and the gone stand out', async () => {
  await using tab = await open({ width: 1440 })
  await tab.page.evaluate(() => {
    fixture.workers.stuckAfterMs = 1
    fixture.master.worker(...fixture.everyWorker())
  })
  const row = (name: string) => tab.page.getByRole('row').filter({ hasText: name })
  await row('fig-1').filter({ hasText: 'Stuck?' }).waitFor()
  const busy = (await row('fig-1').textContent()) ?? ''
  for (const part of ['image.thumbnail', '3 of 4', '18,233', '12', 'deno 2.9.6', 'fig', 'finished nothing for'])
    expect(busy).toContain(part)
  await row('plum-1').getByText('30 s · 3 attempts · 2 at once · 10 in 1.0 s').waitFor()
  await row('quince-1').filter({ hasText: 'Silent' }).filter({ hasText: 'was busy; silent for 2' }).waitFor()
  await row('medlar-1').filter({ hasText: 'Gone' }).filter({ hasText: 'not heard since 1m ago' }).waitFor()
  expect(await tab.page.getByText('5 of 10 running · 1 gone').count()).toBe(1)
  await tab.expectAccessible()
  await tab.page.evaluate(() => {
    const [, busy] = fixture.everyWorker()
    fixture.workers.stuckAfterMs = 60_000
    fixture.master.worker({ ...busy!, processed: 18_234 })
  })
  await row('fig-1').filter({ hasText: 'Busy' }).waitFor()
  await tab.page.evaluate(() => fixture.master.worker({ ...fixture.everyWorker()[1]!, stuck: 2 }))
  await row('fig-1').filter({ hasText: 'Stuck' }).filter({ hasText: '2 runs heed no signal' }).waitFor()
})

test('while nobody is there it shows the command that starts one', async () => {
  await using tab = await open()
  await tab.page.getByText('Looking for workers').waitFor()
  await tab.page.evaluate(() =>
    fixture.workers.setAttribute('worker-command', 'npx drover worker mine.ts --url wss://jobs.example/stomp'),
  )
  await tab.page.getByText('No worker is there').waitFor()
  await tab.page.getByText('npx drover worker mine.ts --url').waitFor()
  await tab.expectAccessible()
  await tab.page.evaluate(() => void Object.assign(fixture.workers, { master: undefined }))
  await tab.page.getByText('Not connected').waitFor()
})

test('only workers of the task, where one is named', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    fixture.workers.task = 'host.facts'
    fixture.master.worker(...fixture.everyWorker())
  })
  await tab.page.getByText('plum-1').waitFor()
  expect(await tab.page.locator('.worker').count()).toBe(1)
  expect(await tab.page.evaluate(() => fixture.master.asked)).toContain('watch host.facts')
})

test('a name chooses its worker, by keyboard too', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => fixture.master.worker(...fixture.everyWorker()))
  await tab.page.getByRole('button', { name: 'fig-1' }).focus()
  await tab.page.keyboard.press('Enter')
  expect(await tab.page.evaluate(() => fixture.selected)).toEqual(['worker w-busy'])
  expect(await tab.page.getByRole('button', { name: 'fig-1' }).getAttribute('aria-current')).toBe('true')
})

test('who comes and goes is announced; beats are not', async () => {
  await using tab = await open()
  const status = tab.page.getByRole('status')
  await tab.page.evaluate(() => fixture.master.worker(fixture.worker({ name: 'here-before' })))
  await tab.page.getByText('here-before').waitFor()
  expect(await status.textContent()).toBe('')
  await tab.page.evaluate(() => fixture.master.workers.clear())
  await tab.page.evaluate(() => fixture.master.worker())
  await tab.page.getByText('No worker is there').waitFor()
  await tab.page.evaluate(() => fixture.master.worker(...fixture.everyWorker()))
  await status.filter({ hasText: 'fig-1, pear-1, plum-1 and 1 more came.' }).waitFor()
  await tab.page.evaluate(() => {
    const [idle, , draining] = fixture.everyWorker()
    fixture.master.worker(
      { ...idle!, processed: 13 },
      { ...draining!, state: 'gone' },
      fixture.worker({ name: 'rowan-1' }),
    )
  })
  await status.filter({ hasText: 'rowan-1 came. pear-1 went.' }).waitFor()
})

test('of many workers it shows 200, and all when asked', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => fixture.master.worker(...Array.from({ length: 300 }, () => fixture.worker())))
  await tab.page.getByRole('button', { name: 'Show all 300' }).click()
  await tab.page.waitForFunction(() => fixture.workers.shadowRoot!.querySelectorAll('.worker').length === 300)
})

test('words of workers stay text', async () => {
  await using tab = await open()
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>'
  await tab.page.evaluate(
    evil =>
      fixture.master.worker(
        fixture.worker({ name: evil, host: evil, runtime: evil, tasks: [evil], concurrency: 0, active: -5 }),
      ),
    evil,
  )
  await tab.page.getByRole('button', { name: '<img src=x' }).waitFor()
  expect(await tab.page.locator('drover-workers').locator('img, script, a').count()).toBe(0)
  await tab.expectAccessible()
})

test('a host can style the frame, and rows by their state; in forced colours the chosen row stands out', async () => {
  await using tab = await open({ forcedColors: true, width: 1440 })
  await tab.page.evaluate(() => {
    fixture.master.worker(...fixture.everyWorker())
    fixture.workers.selected = 'w-idle'
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`
      drover-workers::part(frame) { border-style: dashed; }
      drover-workers::part(row-busy) { font-style: italic; }`)
    document.adoptedStyleSheets.push(sheet)
  })
  const row = (name: string) => tab.page.getByRole('row').filter({ hasText: name })
  await row('plum-1').waitFor()
  const looks = (name: string) =>
    row(name).evaluate(one => [getComputedStyle(one).fontStyle, getComputedStyle(one).borderInlineStartWidth])
  expect([await looks('plum-1'), await looks('fig-1')]).toEqual([
    ['normal', '6px'],
    ['italic', '0px'],
  ])
  expect(await tab.page.locator('.frame').evaluate(one => getComputedStyle(one).borderStyle)).toBe('dashed')
  await tab.expectAccessible()
})

test('from right to left "3 of 4" and "4 workers" keep their order', async () => {
  await using tab = await open({ width: 1440 })
  await tab.page.evaluate(() => {
    document.documentElement.dir = 'rtl'
    fixture.master.worker(...fixture.everyWorker())
  })
  for (const text of ['3 of 4', '4 workers']) {
    const [first, last] = await tab.page
      .locator('bdi')
      .filter({ hasText: new RegExp(`^${text}$`) })
      .evaluate(one => {
        const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT)
        const texts: Node[] = []
        while (walker.nextNode()) if (walker.currentNode.textContent !== '') texts.push(walker.currentNode)
        const edge = (node: Node, at: number) => {
          const range = document.createRange()
          range.setStart(node, at)
          range.setEnd(node, at + 1)
          return range.getBoundingClientRect().left
        }
        return [edge(texts[0]!, 0), edge(texts.at(-1)!, texts.at(-1)!.textContent!.length - 1)]
      })
    expect(first, text).toBeLessThan(last!)
  }
})
