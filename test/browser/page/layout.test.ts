/** How the page's panes share the window in Chromium: from a phone to a desk, with large text, and with the line that tells of trouble. */
import { implement, startWorker } from 'drover/worker'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import type {} from '../../../browser/master/master.ts'
import { defineTask } from '../../../shared/contract/mod.ts'
import { away } from '../flows/user.ts'
import type { OpenOptions, Tab } from '../harness.ts'
import { startBridge } from '../test-bridge.ts'
import { type PageTestBed, startPageTestBed } from './test-bed.ts'

let site: PageTestBed
beforeAll(async () => {
  site = await startPageTestBed()
  const nothing = defineTask('test.nothing', { input: z.object({}) })
  await site.startWorker({ tasks: [implement(nothing, () => null)], concurrency: 8 })
})
afterAll(() => site[Symbol.asyncDispose]())

const sizes = [
  [320, 640],
  [390, 844],
  [768, 1024],
  [1024, 768],
  [1440, 900],
] as const

async function open(url: string, options: OpenOptions = {}, jobs = 0): Promise<Tab> {
  const tab = await site.signedIn(options, url)
  const { page } = tab
  await page.mouse.move(0, 0)
  await page.evaluate(async count => {
    const master = document.querySelector('drover-app')!.shadowRoot!.querySelector('drover-master')!.current!
    await Promise.all(Array.from({ length: count }, () => master.dispatch('test.nothing', {}).outcome))
  }, jobs)
  if (jobs > 0) await page.getByRole('button', { name: `Done ${jobs}` }).waitFor()
  return tab
}

/** As a person reads with the text twice as large. */
const magnify = (page: Page, isLarge: boolean): Promise<void> =>
  page.evaluate(isLarge => {
    document.documentElement.style.fontSize = isLarge ? '30px' : ''
  }, isLarge)

interface Found {
  /** Elements that scroll, from the list's rows up to the window. */
  readonly around: readonly string[]
  /** Elements that scroll by so little that it can only be a mistake. */
  readonly slight: readonly string[]
  /** Elements that scroll sideways. */
  readonly sideways: readonly string[]
  /** How far the list ends above the window's end, px. */
  readonly below: number
  /** How far anything in the header is beyond its sides, px. */
  readonly beyond: number
}

const look = (page: Page): Promise<Found> =>
  page.evaluate(() => {
    const over = (element: Element): number => {
      const isRoot = element === document.documentElement
      const { overflowY } = getComputedStyle(element)
      return isRoot || /auto|scroll/.test(overflowY) ? element.scrollHeight - element.clientHeight : 0
    }
    const name = (element: Element): string => `${element.localName}.${element.className}`
    const all = (root: ParentNode): Element[] =>
      [...root.querySelectorAll('*')].flatMap(one => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])])
    const everything = all(document)
    const rows = everything.find(one => one.matches('.space'))
    const around: Element[] = []
    for (let at: Node | null = rows ?? null; at !== null; at = at instanceof ShadowRoot ? at.host : at.parentNode) {
      if (at instanceof Element && over(at) > 0) around.push(at)
    }
    const header = everything.find(one => one.localName === 'header')!
    const { left, right } = header.getBoundingClientRect()
    const jobs = everything.find(one => one.localName === 'drover-jobs')!
    return {
      around: around.map(name),
      slight: everything.filter(one => over(one) > 0 && over(one) < 4).map(name),
      sideways: everything
        .filter(one => /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth)
        .map(name),
      below: innerHeight - jobs.getBoundingClientRect().bottom,
      beyond: Math.max(
        document.documentElement.scrollWidth - innerWidth,
        ...all(header).map(one => one.getBoundingClientRect().right - right),
        ...all(header).map(one => left - one.getBoundingClientRect().left),
      ),
    }
  })

/** A new size reaches the rows in a later frame. */
const untilFits = (page: Page, what: string, isTooLittle: boolean): Promise<void> =>
  expect
    .poll(() => look(page), { message: what, timeout: 5_000 })
    .toEqual({
      around: isTooLittle ? ['div.scroller', 'section.pane list'] : ['div.scroller'],
      slight: [],
      sideways: [],
      below: expect.toSatisfy((px: number) => (px >= 0 || isTooLittle) && px <= 16),
      beyond: expect.toSatisfy((px: number) => px <= 0),
    })

test('the list fills the rest of the window, and it alone scrolls, at each size, with large text, and while away', async () => {
  const own = await startBridge()
  await using worker = await startWorker({
    url: own.stompUrl!.replace('://', '://foo:bar@'),
    tasks: [implement(defineTask('test.nothing', { input: z.object({}) }), () => null)],
    signals: false,
    concurrency: 8,
  })
  await using tab = await open(own.url, { allow: away }, 40)
  const { page } = tab
  for (const isAway of [false, true]) {
    if (isAway) {
      await worker[Symbol.asyncDispose]()
      await own.close()
      await page.getByText('The bridge does not answer').waitFor({ timeout: 20_000 })
    }
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height })
      for (const isLarge of [false, true]) {
        await magnify(page, isLarge)
        // Header and line leave less than a few rows need: the list goes on below the window's end.
        const isTooLittle = width === 320 && isLarge && isAway
        await untilFits(page, `${width} x ${height}${isLarge ? ', large' : ''}${isAway ? ', away' : ''}`, isTooLittle)
      }
    }
  }
})

test('a job that is longer than the window scrolls in its pane, from its top', async () => {
  await using tab = await open(site.bridge.url, { width: 390, height: 400 }, 3)
  const { page } = tab
  const row = page.locator('drover-jobs .job')
  const pane = page.getByRole('region', { name: /^Job / })
  await row.first().click()
  const rest = () => pane.evaluate(one => one.scrollHeight - one.clientHeight)
  await expect.poll(rest).toBeGreaterThan(20)
  await pane.evaluate(one => one.scrollTo(0, 20))
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(400)
  const id = await page.locator('drover-jobs .job').last().getAttribute('data-id')
  await page.evaluate(id => {
    location.hash = `#/jobs/${id}`
  }, id)
  await page.getByRole('region', { name: `Job ${id!.slice(0, 8)}` }).waitFor()
  expect(await pane.evaluate(one => one.scrollTop)).toBe(0)
})

test('the text that stands in place of jobs can be reached in a small window with large text', async () => {
  await using lonely = await startBridge()
  await using tab = await open(lonely.url, { width: 320, height: 480 })
  const { page } = tab
  const command = page.getByRole('button', { name: /Copy/ })
  await command.waitFor({ timeout: 20_000 })
  await magnify(page, true)
  const bottom = async () => {
    const { y, height } = (await command.boundingBox())!
    return y + height
  }
  await expect.poll(bottom).toBeGreaterThan(480)
  await page
    .locator('drover-jobs')
    .locator('[part="list"]')
    .hover({ position: { x: 60, y: 20 } })
  await page.mouse.wheel(0, 2_000)
  await expect.poll(bottom).toBeLessThanOrEqual(480)
})

test('in forced colours one link of the header is marked as the current one', async () => {
  await using tab = await open(site.bridge.url, { forcedColors: true })
  const borders = await tab.page.getByRole('navigation').evaluate(nav => ({
    marked: [...nav.querySelectorAll('a')].map(link => {
      const { borderBlockEndColor } = getComputedStyle(link)
      return borderBlockEndColor !== getComputedStyle(nav.closest('header')!).backgroundColor
    }),
    current: [...nav.querySelectorAll('a')].map(link => link.getAttribute('aria-current') === 'page'),
  }))
  expect(borders.marked).toEqual(borders.current)
  expect(borders.marked.filter(Boolean)).toHaveLength(1)
})

test('a printed job is whole', async () => {
  await using tab = await open(site.bridge.url, { width: 700, height: 300 }, 1)
  const { page } = tab
  await page.locator('drover-jobs .job').first().click()
  await page.getByRole('article').waitFor()
  await page.emulateMedia({ media: 'print' })
  const [whole, shown] = await page
    .getByRole('region', { name: /^Job / })
    .evaluate(pane => [pane.scrollHeight, pane.clientHeight])
  expect(shown).toBe(whole)
})

/** Scrolled so far: whether more of the form is beneath its foot, and whether that shows at the foot's edge. */
const edgeAt = (page: Page, top: number): Promise<{ isMore: boolean; isShown: boolean }> =>
  page
    .locator('drover-form')
    .locator('[part="actions"]')
    .evaluate(async (foot, top) => {
      const frames = async (): Promise<void> => {
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
      }
      const pane = document.querySelector('drover-app')!.shadowRoot!.querySelector('.pane.form')!
      const scroller = getComputedStyle(pane).overflowY === 'auto' ? pane : document.scrollingElement!
      await frames()
      scroller.scrollTo(0, Math.min(top, scroller.scrollHeight))
      await frames()
      return {
        isMore: scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight > 1,
        isShown: getComputedStyle(foot).boxShadow !== 'none',
      }
    }, top)

test.each([
  [1440, 860],
  [1024, 768],
  [390, 844],
])('Dispatch of a long form is in view, %i x %i', async (width, height) => {
  const { default: logSearch } = await import('../../../examples/tasks/log-search.ts')
  const worker = await site.startWorker({ tasks: [logSearch] })
  await using tab = await site.signedIn({ width, height })
  const { page } = tab
  if (width < 900) await page.getByRole('link', { name: 'Dispatch' }).click()
  expect(await edgeAt(page, 0)).toEqual({ isMore: false, isShown: false })
  await page.getByLabel('Task', { exact: true }).selectOption('log.search')
  const submit = page.locator('drover-form').getByRole('button', { name: 'Dispatch', exact: true })
  const box = (await submit.boundingBox())!
  expect(box.y + box.height).toBeLessThanOrEqual(height)
  await page.screenshot({ path: `.test-results/form-foot-${width}.png` })
  expect(await edgeAt(page, Number.POSITIVE_INFINITY)).toEqual({ isMore: false, isShown: false })
  const { isMore, isShown } = await edgeAt(page, 0)
  expect(isShown).toBe(isMore)
  // Each stop of the Tab key is above the foot, from the first input to the last.
  await page.getByLabel('Task', { exact: true }).focus()
  const foot = page.locator('drover-form').locator('[part="actions"]')
  for (let nth = 0; nth < 40; nth++) {
    await page.keyboard.press('Tab')
    const at = page.locator('drover-form').locator(':focus')
    if (await at.evaluate(one => one.matches('[type="submit"]'))) break
    const [input, bar] = [(await at.boundingBox())!, (await foot.boundingBox())!]
    expect(input.y + input.height, `${nth}: ${await at.getAttribute('id')}`).toBeLessThanOrEqual(bar.y)
  }
  await submit.click()
  await tab.expectAccessible()
  await worker[Symbol.asyncDispose]()
})
