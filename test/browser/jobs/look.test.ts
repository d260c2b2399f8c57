/** How `<drover-jobs>` looks in any width, direction, size of text and colours. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobsFixture } from '../fixtures/jobs.ts'
import { fill } from './list.ts'

/** In the page. */
declare const fixture: JobsFixture

const open = tabsWith('jobs')

test('the tabs are on one line, or on two with three each, however narrow the list is', async () => {
  await using tab = await open({ width: 1440 })
  await fill(tab, 1200)
  for (let width = 320; width <= 1440; width += 40) {
    await tab.page.setViewportSize({ width, height: 700 })
    const lines = await tab.page.evaluate(() => {
      const tops = [...fixture.jobs.shadowRoot!.querySelectorAll('.tab')].map(one => one.getBoundingClientRect().top)
      return Map.groupBy(tops, top => top)
        .values()
        .map(({ length }) => length)
        .toArray()
    })
    expect(lines.length === 1 ? [6] : lines, `${width} px`).toEqual(lines.length === 1 ? [6] : [3, 3])
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  }
})

test('rows reach the edge; where a scrollbar takes room from them, headings stand above their columns', async () => {
  await using tab = await open()
  const edges = () =>
    tab.page.evaluate(() => {
      const root = fixture.jobs.shadowRoot!
      const right = (selector: string) => Math.round(root.querySelector(selector)!.getBoundingClientRect().right)
      const gutter =
        root.querySelector<HTMLElement>('.scroller')!.offsetWidth - root.querySelector('.space')!.clientWidth
      return {
        frame: right('.grid'),
        row: right('.job'),
        head: right('.head .cell:last-child'),
        cell: right('.action-cell'),
        gutter,
      }
    })
  await fill(tab, 2)
  await tab.page.getByText('task.n1').waitFor()
  const few = await edges()
  expect([few.gutter, few.row, few.head]).toEqual([0, few.frame, few.cell])
  await tab.page.evaluate(() => {
    // Takes the room that a scrollbar has, which this browser hides
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('.scroller { border-inline-end: 16px solid }')
    fixture.jobs.shadowRoot!.adoptedStyleSheets.push(sheet)
  })
  await fill(tab, 1)
  await expect.poll(async () => (await edges()).gutter).toBe(16)
  await expect.poll(edges).toSatisfy(({ head, cell }) => head === cell)
})

test('a row shows the beginning of its input, as text, in the narrowest list too', async () => {
  await using tab = await open({ width: 1440 })
  const evil = '<img src=x onerror=alert(1)>'
  const input = { [`${evil}\u202e`]: 1, evil: `${evil}\u202e` }
  await tab.page.evaluate(input => fixture.master.set(fixture.job(), fixture.job({ input })), input)
  for (const width of [1440, 1024, 700, 390, 320]) {
    await tab.page.setViewportSize({ width, height: 700 })
    const line = tab.page.getByText('pictures/dusk.jpg, width 320')
    await line.waitFor()
    expect((await line.boundingBox())!.width, `${width} px`).toBeGreaterThan(90)
  }
  // Characters that would turn the words around them are not shown
  await tab.page.getByText(`${evil} 1, ${evil}`, { exact: true }).waitFor()
  expect(await tab.page.locator('drover-jobs').locator('img').count()).toBe(0)
  await tab.expectAccessible()
})

test('a host can style the frame, and rows by their state', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    fixture.master.set(...fixture.everyState(Date.now()))
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`
      drover-jobs::part(frame) { border-color: rgb(1, 2, 3); }
      drover-jobs::part(row-failed) { background-color: rgb(9, 9, 9); }`)
    document.adoptedStyleSheets.push(sheet)
  })
  const row = (word: string) => tab.page.getByRole('row').filter({ hasText: word })
  await row('Rejected').waitFor()
  const colour = (word: string) => row(word).evaluate(one => getComputedStyle(one).backgroundColor)
  expect([await colour('Rejected'), await colour('Running')]).toEqual(['rgb(9, 9, 9)', 'rgba(0, 0, 0, 0)'])
  expect(await tab.page.locator('.frame').evaluate(one => getComputedStyle(one).borderColor)).toBe('rgb(1, 2, 3)')
})

test('in forced colours the chosen row and tab stand out', async () => {
  await using tab = await open({ forcedColors: true, width: 1440 })
  await fill(tab, 2)
  await tab.page.evaluate(() => void Object.assign(fixture.jobs, { selected: [...fixture.master.jobs.keys()][0] }))
  await tab.page.locator('.job[aria-selected=true]').waitFor()
  const looks = await tab.page.evaluate(() => {
    const root = fixture.jobs.shadowRoot!
    const rows = [...root.querySelectorAll('.job')].map(row => getComputedStyle(row).borderInlineStartWidth)
    const tabs = [...root.querySelectorAll('.tab')].map(one => getComputedStyle(one).backgroundColor)
    return { rows, tabs: [tabs[0] === tabs[1], tabs[1] === tabs[2]] }
  })
  expect(looks).toEqual({ rows: ['0px', '6px'], tabs: [false, true] })
  await tab.expectAccessible()
})

test('from right to left ids and numbers keep their order, and cells under a heading are at its side', async () => {
  await using tab = await open({ width: 1440 })
  await tab.page.evaluate(() => {
    document.documentElement.dir = 'rtl'
    fixture.master.set(...fixture.everyState(Date.now()))
  })
  const row = tab.page.getByRole('row').filter({ hasText: 'Running' })
  await row.waitFor()
  const sides = await row.evaluate(one => {
    const find = (selector: string) => one.querySelector<HTMLElement>(selector)!
    const box = (of: HTMLElement) => {
      const range = document.createRange()
      range.selectNodeContents(of)
      return range.getBoundingClientRect()
    }
    return ['.task', '.worker', '.detail-cell .line'].map(selector => {
      const text = find(selector)
      return Math.round(text.getBoundingClientRect().right - box(text).right)
    })
  })
  expect(sides).toEqual([0, 0, 0])
  expect(await row.locator('.id').getAttribute('dir')).toBe('ltr')
  expect(await row.locator('.progress .numbers').evaluate(one => getComputedStyle(one).direction)).toBe('ltr')
  await tab.expectAccessible()
})

test('with text at 200 % the search icon stands beside the words, and a state beside the age', async () => {
  await using tab = await open({ width: 390, height: 1800 })
  await tab.page.evaluate(() => {
    document.documentElement.style.fontSize = '200%'
    fixture.master.set(fixture.job({ unclaimed: true, created_at: Date.now() - 3_000_000 }))
  })
  await tab.page.getByText('Waiting for a worker').waitFor()
  const gaps = await tab.page.evaluate(() => {
    const root = fixture.jobs.shadowRoot!
    const box = (selector: string) => root.querySelector(selector)!.getBoundingClientRect()
    const field = root.querySelector('.find .field')!
    const text = field.getBoundingClientRect().left + Number.parseFloat(getComputedStyle(field).paddingInlineStart)
    return [text - box('.find .icon-16').right, box('.age-cell time').left - box('.job .state').right]
  })
  for (const gap of gaps) expect(gap).toBeGreaterThan(0)
  expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})
