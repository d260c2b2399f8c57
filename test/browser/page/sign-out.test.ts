/** Signing out at the page, with a choice: jobs stay in this browser, or are forgotten. By keyboard, and on a phone. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything, startBridge } from '../test-bridge.ts'
import { type PageTestBed, signIn, startPageTestBed } from './test-bed.ts'

let site: PageTestBed
beforeAll(async () => {
  site = await startPageTestBed()
})
afterAll(() => site[Symbol.asyncDispose]())

/** Tasks of the jobs in the database, and how many masters it knows. */
const storedIn = (page: Page): Promise<{ tasks: string[]; masters: number }> =>
  page.evaluate(async () => {
    const result = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error!)
      })
    const db = await result(indexedDB.open('drover'))
    const transaction = db.transaction(['jobs', 'masters'])
    const jobs = await result(transaction.objectStore('jobs').getAll())
    const masters = await result(transaction.objectStore('masters').count())
    db.close()
    return { tasks: jobs.map(job => JSON.stringify(job).match(/job\.of-\w+/)?.[0] ?? '?').toSorted(), masters }
  })

const dispatch = (page: Page, task: string): Promise<unknown> =>
  page.evaluate(async task => {
    const master = document.querySelector('drover-app')!.shadowRoot!.querySelector('drover-master')!.current!
    await master.dispatch(task, { text: 'mine' }).sent
  }, task)

const focused = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => {
    let at = document.activeElement
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
    return at?.textContent?.trim()
  })

test('signing out keeps the jobs, or forgets them and nobody else’s, by keyboard and on a phone', async () => {
  await using tab = await site.signedIn({ width: 390, height: 780 })
  const { page } = tab
  const dialog = page.getByRole('dialog', { name: 'Sign out of Drover?' })
  const ask = page.getByRole('button', { name: 'Sign out', exact: true }).first()
  await dispatch(page, 'job.of-foo')
  // By keyboard: asked, thought better of, and signed out.
  await ask.focus()
  await page.keyboard.press('Enter')
  await dialog.waitFor()
  expect(await focused(page)).toBe('Sign out')
  await tab.expectAccessible()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  expect(await focused(page)).toBe('Sign out')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor()
  expect(await storedIn(page)).toEqual({ tasks: ['job.of-foo'], masters: 1 })
  await signIn(page)
  await page.getByText('Connected', { exact: true }).waitFor()
  await page.locator('drover-jobs').getByText('job.of-foo').waitFor()
  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click()
  await dialog.waitFor()
  expect(
    await dialog.evaluate(one => one.getBoundingClientRect().right <= innerWidth && one.scrollWidth <= one.clientWidth),
  ).toBe(true)
  await page.screenshot({ path: '.test-results/sign-out-390.png' })
  await page.emulateMedia({ colorScheme: 'dark' })
  await tab.expectAccessible()
  await dialog.getByRole('button', { name: 'Sign out and forget jobs kept in this browser' }).click()
  await page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor()
  expect(await page.getByText('Your sign-in has ended').count()).toBe(0)
  expect(await storedIn(page)).toEqual({ tasks: [], masters: 0 })
  await page.reload()
  await page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor()
  await signIn(page)
  await page.getByText('No jobs yet').waitFor()
})

test('jobs that another has dispatched in the same browser stay', async () => {
  const users = ['ada', 'bob'].map(login => ({ login, password: 'bar', grants: everything }))
  await using own = await startBridge({ users })
  await using tab = await site.harness.open(own.url)
  const { page } = tab
  const dialog = page.getByRole('dialog')
  const leave = async (how: string): Promise<void> => {
    await page.getByRole('button', { name: 'Sign out', exact: true }).first().click()
    await dialog.getByRole('button', { name: how, exact: true }).click()
    await page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor()
  }
  for (const login of ['ada', 'bob']) {
    await signIn(page, 'bar', login)
    await page.getByText('Connected', { exact: true }).waitFor()
    await dispatch(page, `job.of-${login}`)
    await leave(login === 'ada' ? 'Sign out' : 'Sign out and forget jobs kept in this browser')
  }
  expect(await storedIn(page)).toEqual({ tasks: ['job.of-ada'], masters: 1 })
})

test('a browser that does not let go of them is told, and nobody is signed out', async () => {
  await using tab = await site.signedIn()
  const { page } = tab
  await dispatch(page, 'job.of-foo')
  await page.evaluate(() => {
    IDBObjectStore.prototype.delete = () => {
      throw new DOMException('no', 'UnknownError')
    }
    IDBCursor.prototype.delete = IDBObjectStore.prototype.delete as unknown as () => IDBRequest<undefined>
  })
  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: /forget/ }).click()
  await dialog.getByRole('alert').getByText('The jobs were not forgotten').waitFor()
  await tab.expectAccessible()
  await dialog.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor()
})
