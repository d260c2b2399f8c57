/** The page's addresses in Chromium: where the focus is, how the tab is called, and how one gets from pane to pane. */
import { once } from 'node:events'
import { defineTask, implement } from 'drover/worker'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import type {} from '../../../browser/master/master.ts'
import type { OpenOptions, Tab } from '../harness.ts'
import { startBridge } from '../test-bridge.ts'
import { type PageTestBed, startPageTestBed } from './test-bed.ts'

let site: PageTestBed
beforeAll(async () => {
  site = await startPageTestBed()
  const wait = defineTask('test.wait', { input: z.object({ n: z.number() }) })
  await site.startWorker({ tasks: [implement(wait, (_input, job) => once(job.signal, 'abort'))] })
})
afterAll(() => site[Symbol.asyncDispose]())

/** Signed in, with jobs that wait. */
async function openWithJobs(options: OpenOptions, jobs = 3): Promise<Tab & { readonly ids: readonly string[] }> {
  const tab = await site.signedIn(options)
  const { page } = tab
  const ids = await page.evaluate(count => {
    const master = document.querySelector('drover-app')!.shadowRoot!.querySelector('drover-master')!.current!
    return Array.from({ length: count }, (_, n) => master.dispatch('test.wait', { n }).request_id)
  }, jobs)
  await page.locator(`drover-jobs [data-id="${ids.at(-1)}"]`).waitFor({ state: 'attached' })
  return Object.assign(tab, { ids })
}

/** The element that has the focus, in any shadow root: its class, or the id of its row. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    return element?.getAttribute('data-id') ?? element?.className ?? ''
  })
const untilFocused = (page: Page, what: string): Promise<void> => expect.poll(() => focused(page)).toContain(what)
const rowOf = (page: Page, id: string | undefined) => page.locator(`drover-jobs [data-id="${id}"]`)

test('the tab is called after its content', async () => {
  await using tab = await site.harness.open(site.bridge.url)
  const { page } = tab
  await page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor()
  expect(await page.title()).toBe('Sign in – Drover')
  await using signedIn = await openWithJobs({}, 1)
  const [id = ''] = signedIn.ids
  const titled = (title: string) => expect.poll(() => signedIn.page.title()).toBe(`${title} – Drover`)
  await titled('Jobs')
  await signedIn.page.getByRole('link', { name: 'Workers' }).click()
  await titled('Workers')
  await signedIn.page.evaluate(id => {
    location.hash = `#/jobs/${id}`
  }, id)
  await titled(`Job ${id.slice(0, 8)}`)
  await signedIn.page.evaluate(() => {
    location.hash = '#/dispatch'
  })
  await titled('Dispatch')
})

test('on a phone a job that is opened has the focus, and going back gives it to its row', async () => {
  await using tab = await openWithJobs({ width: 390, height: 844 })
  const { page, ids } = tab
  await rowOf(page, ids[1]).click()
  await page.getByRole('region', { name: `Job ${ids[1]!.slice(0, 8)}` }).waitFor()
  await untilFocused(page, 'pane detail')
  await page.goBack()
  await untilFocused(page, ids[1]!)
  await page.keyboard.press('Enter')
  await untilFocused(page, 'pane detail')
  await tab.expectAccessible()
  await page.getByRole('link', { name: 'All jobs' }).click()
  await untilFocused(page, ids[1]!)
})

test('a form that hides once its job is dispatched gives the focus to the job', async () => {
  for (const width of [390, 1024]) {
    await using tab = await openWithJobs({ width, height: 800 }, 1)
    const { page } = tab
    if (width < 900) await page.getByRole('link', { name: 'Dispatch' }).click()
    await page.getByLabel('Task', { exact: true }).selectOption('test.wait')
    await page.getByLabel('N', { exact: true }).fill('7')
    if (width < 900) await page.keyboard.press('Enter')
    else await page.getByRole('button', { name: 'Dispatch', exact: true }).click()
    await page.getByRole('article', { name: 'Job test.wait' }).waitFor()
    await untilFocused(page, 'pane detail')
  }
})

test('where the form shows beside the job, it keeps the focus', async () => {
  await using tab = await openWithJobs({ width: 1440, height: 900 })
  const { page, ids } = tab
  await rowOf(page, ids[0]).click()
  await page.getByRole('article').waitFor()
  expect(await focused(page)).toBe(ids[0])
})

test('a job is closed where it is shown: by its button, and by Escape', async () => {
  for (const width of [1024, 1440]) {
    await using tab = await openWithJobs({ width, height: 900 })
    const { page, ids } = tab
    const close = page.getByRole('link', { name: 'Close' })
    await rowOf(page, ids[2]).click()
    await close.click()
    await close.waitFor({ state: 'hidden' })
    expect(new URL(page.url()).hash).toBe('#/jobs')
    await untilFocused(page, ids[2]!)
    await page.keyboard.press('Enter')
    await close.waitFor()
    // An input keeps its own Escape.
    await page.getByRole('searchbox').fill('test')
    await page.keyboard.press('Escape')
    expect(await page.getByRole('searchbox').inputValue()).toBe('')
    await close.focus()
    await page.keyboard.press('Escape')
    await close.waitFor({ state: 'hidden' })
    await untilFocused(page, ids[2]!)
  }
})

test('a job and a worker that are not known here can be closed', async () => {
  await using tab = await openWithJobs({ width: 1440, height: 900 }, 1)
  const { page } = tab
  for (const view of ['jobs', 'workers']) {
    await page.evaluate(view => {
      location.hash = `#/${view}/nobody`
    }, view)
    await page.getByRole('link', { name: 'Close' }).click()
    expect(new URL(page.url()).hash).toBe(`#/${view}`)
    await page.getByRole('link', { name: 'Close' }).waitFor({ state: 'hidden' })
    await untilFocused(page, 'pane list')
  }
})

test('wherever the form is hidden a link leads to it', async () => {
  await using tab = await openWithJobs({ width: 1024, height: 800 })
  const { page, ids } = tab
  const link = page.getByRole('link', { name: 'Dispatch', exact: true })
  const form = page.getByRole('region', { name: 'New job' })
  const isOneThere = async () => [await link.isVisible(), await form.isVisible()]
  expect(await isOneThere()).toEqual([false, true])
  await rowOf(page, ids[0]).click()
  await form.waitFor({ state: 'hidden' })
  expect(await isOneThere()).toEqual([true, false])
  await page.setViewportSize({ width: 1440, height: 800 })
  expect(await isOneThere()).toEqual([false, true])
  await page.setViewportSize({ width: 390, height: 800 })
  expect(await isOneThere()).toEqual([true, false])
  await page.setViewportSize({ width: 1024, height: 800 })
  await link.click()
  await form.waitFor()
  expect(await link.getAttribute('aria-current')).toBe('page')
})

test('a sign-in link that is opened over a job shows the jobs', async () => {
  await using own = await startBridge()
  await using tab = await site.harness.open(own.signInUrl!, { allow: /status of 401/ })
  const { page } = tab
  await page.getByText('Connected', { exact: true }).waitFor()
  const close = page.getByRole('link', { name: 'Close' })
  await page.evaluate(() => {
    location.hash = '#/jobs/nobody'
  })
  await close.waitFor()
  await page.evaluate(hash => {
    location.hash = hash
  }, new URL(own.signInUrl!).hash)
  await expect.poll(() => new URL(page.url()).hash).toBe('#/jobs')
  await close.waitFor({ state: 'hidden' })
})
