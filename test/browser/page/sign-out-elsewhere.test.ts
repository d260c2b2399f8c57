/** Signing out where other tabs are open, where the bridge does not answer, and where somebody else has signed in. */
import type { RunningBridge } from 'drover/bridge'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything, startBridge } from '../test-bridge.ts'
import { type PageTestBed, signIn, startPageTestBed } from './test-bed.ts'

const stack = new AsyncDisposableStack()
let site: PageTestBed
let bridge: RunningBridge
beforeAll(async () => {
  site = stack.use(await startPageTestBed())
  const users = ['ada', 'bob'].map(login => ({ login, password: 'bar', grants: everything }))
  bridge = stack.use(await startBridge({ users }))
})
afterAll(() => stack.disposeAsync())

const connected = (page: Page): Promise<void> => page.getByText('Connected', { exact: true }).waitFor()
const heading = (page: Page) => page.getByRole('heading', { name: 'Sign in to Drover' })

async function leave(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }).click()
}

/** The bridge's answer to the browser's cookie. */
const statusByCookie = async (context: BrowserContext): Promise<number> => {
  const response = await context.request.post(`${bridge.url}/token`, { data: {}, headers: { origin: bridge.url } })
  return response.status()
}

test('signing out at one tab signs out every tab of this browser', async () => {
  await using tab = await site.harness.open(bridge.url)
  const { page, context } = tab
  await signIn(page, 'bar', 'ada')
  await connected(page)
  await using other = await site.harness.open(bridge.url, { context })
  await connected(other.page)
  await leave(page)
  await heading(page).waitFor()
  await heading(other.page).waitFor({ timeout: 5000 })
  await other.page.getByText('signed out in another tab').waitFor()
  // The page does not wait for the bridge to know.
  await expect.poll(() => statusByCookie(context)).toBe(401)
  await signIn(other.page, 'bar', 'bob')
  await connected(other.page)
})

test('where the bridge does not answer, a person is signed out at once, and there once it does', async () => {
  await using tab = await site.harness.open(bridge.url, { allow: /ERR_|status of 401/ })
  const { page, context } = tab
  await signIn(page, 'bar', 'ada')
  await connected(page)
  const asked = Promise.withResolvers<() => Promise<void>>()
  await page.route('**/token', route =>
    route.request().method() === 'DELETE' ? asked.resolve(() => route.abort()) : route.fallback(),
  )
  await leave(page)
  await heading(page).waitFor({ timeout: 5000 })
  await (await asked.promise)()
  await page.getByText('the bridge does not know it yet').waitFor()
  await tab.expectAccessible()
  expect(await statusByCookie(context)).toBe(200)
  await page.unroute('**/token')
  await page.reload()
  await heading(page).waitFor()
  await expect.poll(() => statusByCookie(context)).toBe(401)
})

test('a tab never goes on as somebody else who has signed in meanwhile', async () => {
  await using tab = await site.harness.open(bridge.url)
  const { page, context } = tab
  // Its token is over at once, so that the next connection asks for another.
  await page.route('**/token', async route => {
    if (route.request().method() !== 'POST') return await route.fallback()
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...(await response.json()), expires_at: Date.now() } })
  })
  const sockets: { close(): Promise<void> }[] = []
  await page.routeWebSocket('**/stomp', socket => {
    sockets.push(socket)
    socket.connectToServer()
  })
  await signIn(page, 'bar', 'ada')
  await connected(page)
  const basic = `Basic ${Buffer.from('bob:bar').toString('base64')}`
  const answer = await context.request.post(`${bridge.url}/token`, {
    data: { remember: true },
    headers: { origin: bridge.url, authorization: basic },
  })
  expect(await answer.json()).toMatchObject({ owner: 'bob' })
  await sockets.at(-1)!.close()
  await heading(page).waitFor()
  await page.getByText('bob has signed in').waitFor()
})

test('where storage is full, a person is still signed in after a reload', async () => {
  // Nobody is known to be signed in, so that it asks in vain at first.
  await using tab = await site.harness.open(bridge.url, { allow: /status of 401/ })
  const { page } = tab
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('no room', 'QuotaExceededError')
    }
  })
  await page.reload()
  await signIn(page, 'bar', 'ada')
  await connected(page)
  await page.reload()
  await connected(page)
})
