/** A browser whose database is there and does not serve: the page works, says so, and loses nothing that it kept before. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mintToken, type RunningBridge } from 'drover/bridge'
import { defineTask, implement, startWorker } from 'drover/worker'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import * as z from 'zod'
import type {} from '../../../browser/widgets.ts'
import { refreshBrowser } from '../../../scripts/build/browser.ts'
import { launchChromium } from '../chromium.ts'
import { everything, startBridge } from '../test-bridge.ts'

const secret = '0123456789abcdef0123456789abcdef'
const double = defineTask('sums.double', { input: z.object({ n: z.number() }), output: z.number() })
const held = defineTask('sums.held', { input: z.object({ what: z.string() }), output: z.string() })
/** Ends a held job. */
const releases = new Map<string, PromiseWithResolvers<void>>()
const releaseOf = (what: string): PromiseWithResolvers<void> => {
  const release = releases.get(what) ?? Promise.withResolvers<void>()
  releases.set(what, release)
  return release
}

const stack = new AsyncDisposableStack()
let browser: Browser
let bridge: RunningBridge
let site: string
let token: string
beforeAll(async () => {
  await refreshBrowser(process.cwd())
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(pageOf(new URL(request.url ?? '/', 'http://site').searchParams.get('owner') ?? ''))
  })
  stack.defer(() => void server.close().closeAllConnections())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  browser = stack.use(await launchChromium())
  bridge = stack.use(await startBridge({ origins: [site], secret }))
  token = await mintToken({ secret, sub: 'foo', grants: everything, expiresInMs: 600_000 })
  stack.use(
    await startWorker({
      url: bridge.stompUrl!.replace('://', '://foo:bar@'),
      concurrency: 16,
      signals: false,
      tasks: [
        implement(double, ({ n }) => n * 2),
        implement(held, async ({ what }) => {
          await releaseOf(what).promise
          return what
        }),
      ],
    }),
  )
})
afterAll(() => stack.disposeAsync())

const pageOf = (owner: string): string => `<!doctype html><html lang="en"><title>Widgets</title>
<script type="module" src="${bridge.url}/drover.js"></script>
<drover-master url="${bridge.url.replace('http', 'ws')}/stomp" owner="${owner}"></drover-master>
<script type="module">document.querySelector('drover-master').token = () => '${token}'</script>`

/** Each makes the browser's database fail in a way of its own; runs in the page. */
const denials: Readonly<Record<string, () => void>> = {
  'it does not open': () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('access is denied for this document', 'SecurityError')
    }
  },
  'a read of jobs is refused': () => {
    IDBObjectStore.prototype.getAll = () => {
      throw new DOMException('no', 'UnknownError')
    }
    IDBObjectStore.prototype.getAllKeys = IDBObjectStore.prototype.getAll as () => IDBRequest<IDBValidKey[]>
  },
  'a read of jobs is never answered': () => {
    const { getAll } = IDBObjectStore.prototype
    IDBObjectStore.prototype.getAll = function (...asked) {
      return Object.defineProperty(getAll.apply(this, asked), 'addEventListener', { value() {} })
    }
  },
  'a write is never answered': () => {
    const { put } = IDBObjectStore.prototype
    IDBObjectStore.prototype.put = function (...asked) {
      return Object.defineProperty(put.apply(this, asked), 'addEventListener', { value() {} })
    }
  },
  'there are no key ranges': () => void Reflect.deleteProperty(globalThis, 'IDBKeyRange'),
}

/** @param owner default: nobody is known to be signed in */
async function open(owner = ''): Promise<AsyncDisposable & { readonly page: Page }> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${site}/?owner=${owner}`)
  return { page, [Symbol.asyncDispose]: () => context.close() }
}

const connected = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => document.querySelector('drover-master')?.current?.connection.at === 'open')

const outcomeOf = (page: Page, id: string): Promise<unknown> =>
  page.evaluate(async id => {
    const job = document.querySelector('drover-master')!.current!.job(id)
    return job !== undefined && 'outcome' in job ? await job.outcome : undefined
  }, id)

const dispatchHeld = (page: Page, what: string): Promise<string> =>
  page.evaluate(async what => {
    const job = document.querySelector('drover-master')!.current!.dispatch('sums.held', { what })
    for await (const reply of job.replies()) if (reply.type === 'accepted') break
    return job.request_id
  }, what)

test.for(Object.entries(denials))('where %s', async ([what, deny], { expect }) => {
  await using tab = await open()
  const { page } = tab
  await connected(page)
  const id = await dispatchHeld(page, what)
  await page.addInitScript(`if (sessionStorage.denied) (${deny.toString()})()`)
  await page.evaluate(() => Object.assign(sessionStorage, { denied: 'yes' }))
  await page.reload()
  await connected(page)
  await page.getByText('Jobs will not survive a reload').waitFor()
  releaseOf(what).resolve()
  const found = await page.evaluate(async () => {
    const master = document.querySelector('drover-master')!.current!
    return { n: await master.run('sums.double', { n: 21 }), discards: master.discards.unknown_job }
  })
  // A reply that came meanwhile for the job before is not read away.
  expect(found).toEqual({ n: 42, discards: 0 })
  await page.evaluate(() => delete sessionStorage.denied)
  await page.reload()
  await connected(page)
  const outcome = await outcomeOf(page, id)
  expect(outcome).toMatchObject({ type: 'result', output: what })
})

test('where there is no room, kept jobs show, new jobs are refused, and leave once there is', async ({ expect }) => {
  await using tab = await open()
  const { page } = tab
  await connected(page)
  const kept = await dispatchHeld(page, 'no room')
  await page.addInitScript(() => {
    const { put } = IDBObjectStore.prototype
    IDBObjectStore.prototype.put = function (...asked) {
      if (sessionStorage.getItem('full') === null) return put.apply(this, asked)
      throw new DOMException('no room', 'QuotaExceededError')
    }
  })
  await page.evaluate(() => Object.assign(sessionStorage, { full: 'yes' }))
  await page.reload()
  await connected(page)
  const run = () =>
    page.evaluate(() => document.querySelector('drover-master')!.current!.run('sums.double', { n: 21 }).catch(String))
  releaseOf('no room').resolve()
  expect(await outcomeOf(page, kept)).toMatchObject({ type: 'result', output: 'no room' })
  const why =
    'no room for more; free space on this device, or clear data of sites; until it can be written, new jobs are not sent'
  expect(await run()).toContain(why)
  await page.getByText(`${why}.`).waitFor()
  await page.evaluate(() => delete sessionStorage.full)
  await expect.poll(run, { timeout: 10_000 }).toBe(42)
  await expect.poll(() => page.locator('drover-master [part=line]').isVisible()).toBe(false)
})

/** The ports that keep tabs apart and tell them of each other: jobs are kept without. */
const refusals: Readonly<Record<string, () => void>> = {
  'channels between tabs are refused': () => {
    globalThis.BroadcastChannel = class {
      constructor() {
        throw new DOMException('no', 'SecurityError')
      }
    } as unknown as typeof BroadcastChannel
  },
  'a channel takes nothing': () => {
    BroadcastChannel.prototype.postMessage = () => {
      throw new DOMException('no', 'InvalidStateError')
    }
  },
  'locks may not even be looked at': () => {
    const get = (): never => {
      throw new DOMException('no', 'SecurityError')
    }
    Object.defineProperty(Navigator.prototype, 'locks', { get })
  },
  'no name is removed': () => {
    Storage.prototype.removeItem = () => {
      throw new DOMException('no', 'SecurityError')
    }
  },
}
test.for(Object.entries(refusals))(
  'where %s, jobs are kept, and forgotten when asked',
  async ([, refuse], { expect }) => {
    await using tab = await open('ada')
    const { page } = tab
    await page.addInitScript(refuse)
    await page.reload()
    await connected(page)
    const run = () =>
      page.evaluate(() => document.querySelector('drover-master')!.current!.run('sums.double', { n: 21 }))
    expect(await run()).toBe(42)
    await page.reload()
    await connected(page)
    const jobs = () => page.evaluate(() => document.querySelector('drover-master')!.current!.jobs.size)
    expect(await jobs()).toBe(1)
    expect(await page.locator('drover-master [part=line]').isVisible()).toBe(false)
    await page.evaluate(() => document.querySelector('drover-master')!.forgetJobs())
    expect(await jobs()).toBe(0)
    await page.reload()
    await connected(page)
    expect(await jobs()).toBe(0)
  },
)
