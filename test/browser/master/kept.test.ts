/** `<drover-master>` where its browser fails it, and when it is back; against a real bridge. */
import { mintToken, type RunningBridge } from 'drover/bridge'
import { defineTask, implement, startWorker, type Worker } from 'drover/worker'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { type Harness, startHarness, type Tab } from '../harness.ts'
import { everything, startBridge } from '../test-bridge.ts'

const secret = '0123456789abcdef0123456789abcdef'
const double = defineTask('sums.double', { input: z.object({ n: z.number() }), output: z.number() })

let harness: Harness
let bridge: RunningBridge
let worker: Worker
beforeAll(async () => {
  harness = await startHarness()
  bridge = await startBridge({ origins: [harness.url], secret })
  const url = bridge.stompUrl!.replace('://', '://foo:bar@')
  worker = await startWorker({ url, tasks: [implement(double, ({ n }) => n * 2)] })
})
afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await harness[Symbol.asyncDispose]()
  await bridge.close()
})

/** Opens the fixture as `owner`, whose own server gives it tokens. */
async function open(
  context: BrowserContext,
  owner = '',
  { url = bridge.url, allow }: { url?: string; allow?: RegExp } = {},
): Promise<Tab> {
  await context.unroute('**/my-own-token')
  await context.route('**/my-own-token', async route => {
    const token = await mintToken({ secret, sub: 'foo', grants: everything, expiresInMs: 60_000 })
    await route.fulfill({ contentType: 'application/json', body: JSON.stringify({ token }) })
  })
  const stomp = `${url.replace('http', 'ws')}/stomp`
  const module = '/test/browser/fixtures/master.ts'
  const asked = new URLSearchParams({ module, url: stomp, 'token-url': '/my-own-token', ...(owner && { owner }) })
  const tab = await harness.open(`${harness.url}/fixture?${asked}`, { context, ...(allow && { allow }) })
  await tab.page.waitForFunction(() => document.querySelector('drover-master')?.current?.connection.at === 'open')
  return tab
}

const run = (page: Page, n: number): Promise<unknown> =>
  page.evaluate(n => document.querySelector('drover-master')!.current!.run('sums.double', { n }), n)

/** Ids of masters in the database, each as often as it has jobs, once more for itself. */
const storedIn = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const opening = indexedDB.open('drover')
    const db = await new Promise<IDBDatabase>(resolve => {
      opening.onsuccess = () => resolve(opening.result)
    })
    const transaction = db.transaction(['jobs', 'masters'])
    const all = ['jobs', 'masters'].map(name => transaction.objectStore(name).getAll())
    await new Promise(resolve => {
      transaction.oncomplete = resolve
    })
    db.close()
    return all.flatMap(({ result }) => result.map(one => one.master_id as string))
  })

test.for(['InvalidStateError', 'UnknownError'])('a job is stored and sent though the handle throws %s', async name => {
  const context = await harness.browser.newContext()
  await context.addInitScript(name => {
    const { transaction } = IDBDatabase.prototype
    let first: IDBDatabase | undefined
    IDBDatabase.prototype.transaction = function (...asked) {
      first ??= this
      if (first === this && (globalThis as { isClosing?: boolean }).isClosing) {
        throw new DOMException('The database connection is closing.', name)
      }
      return transaction.apply(this, asked)
    }
  }, name)
  await using tab = await open(context)
  expect(await run(tab.page, 1)).toBe(2)
  await tab.page.evaluate(() => Object.assign(globalThis, { isClosing: true }))
  expect(await run(tab.page, 21)).toBe(42)
  await tab.page.waitForFunction(() => document.querySelector('drover-master')!.current!.storageProblem === undefined)
  expect(await tab.page.locator('drover-master [part=line]').isVisible()).toBe(false)
  expect(await storedIn(tab.page)).toHaveLength(3)
  await context.close()
})

test('the jobs that the browser kept of an owner are forgotten when asked, in every tab, and nobody else’s', async () => {
  const context = await harness.browser.newContext()
  await using ada = await open(context, 'ada')
  await using other = await open(context, 'ada')
  await using bob = await open(context, 'bob')
  for (const { page } of [ada, other, bob]) await run(page, 1)
  const bobs = await bob.page.evaluate(() => document.querySelector('drover-master')!.current!.masterId!)
  expect(await storedIn(bob.page)).toHaveLength(6)
  await ada.page.evaluate(() => document.querySelector('drover-master')!.forgetJobs())
  await expect.poll(() => storedIn(bob.page)).toEqual([bobs, bobs])
  expect(await ada.page.evaluate(() => document.querySelector('drover-master')!.current!.jobs.size)).toBe(0)
  const refused = await run(other.page, 2).catch(String)
  expect(refused).toContain('forgotten at a sign-out in another tab; reload this page')
  expect(await run(bob.page, 3)).toBe(6)
  expect(await storedIn(bob.page)).toEqual([bobs, bobs, bobs])
  const keys = () => Object.keys({ ...localStorage, ...sessionStorage }).filter(key => key.startsWith('drover-master'))
  expect((await ada.page.evaluate(keys)).filter(key => key.endsWith(' ada'))).toEqual([])
  await context.close()
})

test('a bridge that is back is found within 2 s of the network being back', async () => {
  const own = await startBridge({ origins: [harness.url], secret })
  const port = Number(new URL(own.url).port)
  const context = await harness.browser.newContext()
  // The longest waits that full jitter gives: 0.5, 1, 2, 4, 8 s and so on.
  await context.addInitScript(() => {
    Math.random = () => 0.999
  })
  await using tab = await open(context, '', { url: own.url, allow: /ERR_CONNECTION|WebSocket|Upgrade Required/ })
  await own.close()
  await tab.page.waitForFunction(
    () => {
      const connection = document.querySelector('drover-master')!.current!.connection
      return connection.at === 'waiting' && connection.retryAt - Date.now() > 3500
    },
    undefined,
    { timeout: 20_000 },
  )
  const back = await startBridge({ origins: [harness.url], secret, port })
  try {
    const tookMs = await tab.page.evaluate(async () => {
      const { current } = document.querySelector('drover-master')!
      const firedAt = performance.now()
      const isOpen = new Promise<void>(resolve =>
        current!.onChange(() => current!.connection.at === 'open' && resolve()),
      )
      dispatchEvent(new Event('online'))
      await isOpen
      return performance.now() - firedAt
    })
    expect(tookMs).toBeLessThan(2500)
  } finally {
    await context.close()
    await back.close()
  }
})
