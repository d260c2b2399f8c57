/** Somebody else's site with Drover's widgets in it: examples/host-page, on another origin than its bridge. */
import type { RunningBridge } from 'drover/bridge'
import { startWorker, type Worker } from 'drover/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveHostPage } from '../../examples/host-page/server.ts'
import imageThumbnail from '../../examples/tasks/image-thumbnail.ts'
import { refreshBrowser } from '../../scripts/build/browser.ts'
import { type Harness, startHarness, type Tab } from '../browser/harness.ts'
import { startBridge } from '../browser/test-bridge.ts'
import { freePorts } from '../support/free-ports.ts'

const stack = new AsyncDisposableStack()
let harness: Harness
let bridge: RunningBridge
let url: string
beforeAll(async () => {
  await refreshBrowser(process.cwd())
  harness = stack.use(await startHarness())
  const [port = 0] = await freePorts(1)
  bridge = stack.use(await startBridge({ origins: [`http://127.0.0.1:${port}`] }))
  const worker: Worker = await startWorker({
    url: bridge.stompUrl!.replace('://', '://foo:bar@'),
    tasks: [imageThumbnail],
    signals: false,
  })
  stack.use(worker)
  const site = await serveHostPage({
    port,
    bridge: bridge.url,
    login: 'foo',
    password: 'bar',
    people: { ada: 'lovelace' },
  })
  stack.use(site)
  url = site.url
}, 60_000)
afterAll(() => stack.disposeAsync())

async function signedIn(): Promise<Tab> {
  const tab = await harness.open(url, { reducedMotion: true, width: 1280 })
  await tab.page.getByLabel('Name').fill('ada')
  await tab.page.getByLabel('Password').fill('lovelace')
  await tab.page.getByRole('button', { name: 'Sign in' }).click()
  await tab.page.getByRole('heading', { name: 'Thumbnails' }).waitFor()
  return tab
}

test('the form and the list work in a strict page of another origin, with narrow tokens that its own server fetches', async () => {
  await using tab = await signedIn()
  const { page } = tab
  await page.getByLabel('Path').fill('pictures/dusk.jpg')
  await page.getByRole('button', { name: 'Make it small' }).click()
  await page.locator('drover-jobs').getByRole('row').getByText('Done', { exact: true }).waitFor()
  await page.getByRole('img', { name: 'The thumbnail made last' }).waitFor()
  expect(await page.locator('#picture img').evaluate(img => (img as HTMLImageElement).naturalWidth)).toBe(320)
  await tab.expectAccessible()
  const { grants } = await page.locator('drover-master').evaluate(element => {
    const { connection } = element as HTMLElementTagNameMap['drover-master']
    return connection?.at === 'open' ? { grants: connection.session.grants } : { grants: undefined }
  })
  expect(grants).toMatchObject({ dispatch: ['image.thumbnail'], broadcast: [], work: [], workers: false, dead: false })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await tab.expectAccessible()
  }
})

test('nobody gets a token who is not signed in at the site', async () => {
  expect((await fetch(`${url}/my-own-token`, { method: 'POST' })).status).toBe(401)
  const wrong = await fetch(`${url}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ name: 'ada', password: 'wrong' }),
    redirect: 'manual',
  })
  expect(wrong.headers.get('set-cookie')).toBeNull()
})

test('a page of an origin that is not listed may load the widgets and connect with nothing', async () => {
  const [port = 0] = await freePorts(1)
  await using other = await serveHostPage({
    port,
    bridge: bridge.url,
    login: 'foo',
    password: 'bar',
    people: { ada: 'a' },
  })
  await using tab = await harness.open(other.url, { allow: /WebSocket connection to|status of 403/ })
  const { page } = tab
  await page.getByLabel('Name').fill('ada')
  await page.getByLabel('Password').fill('a')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('drover-master').getByText(`start it with --origin ${other.url}`).waitFor()
})
