/** `<drover-master>` in Chromium, against a real bridge and a real worker. */
import type { RunningBridge } from 'drover/bridge'
import { mintToken } from 'drover/bridge'
import { defineTask, implement, startWorker, type Worker } from 'drover/worker'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { everything, startBridge } from './ground-bridge.ts'
import { type Ground, type OpenOptions, startGround, type Tab } from './harness.ts'

const secret = '0123456789abcdef0123456789abcdef'
const double = defineTask('sums.double', { input: z.object({ n: z.number() }), output: z.number() })
const slow = defineTask('sums.slow', { input: z.object({}), output: z.number() })
/** Ends the slow job. */
let release: PromiseWithResolvers<void>

let ground: Ground
let bridge: RunningBridge
let worker: Worker
beforeAll(async () => {
  release = Promise.withResolvers()
  ground = await startGround()
  bridge = await startBridge({ origins: [ground.url], secret })
  worker = await startWorker({
    url: bridge.stompUrl!.replace('://', '://foo:bar@'),
    concurrency: 4,
    tasks: [
      implement(double, ({ n }) => n * 2),
      implement(slow, async (_input, job) => {
        job.progress(40, 'half way')
        await release.promise
        return 7
      }),
    ],
  })
})
afterAll(async () => {
  release.resolve()
  await worker[Symbol.asyncDispose]()
  await ground[Symbol.asyncDispose]()
  await bridge.close()
})

const address = (query: Record<string, string> = {}): string => {
  const url = bridge.url.replace('http', 'ws')
  const all = new URLSearchParams({
    module: '/test/browser/fixtures/master.ts',
    url: `${url}/stomp`,
    'token-url': '/my-own-token',
    ...query,
  })
  return `${ground.url}/fixture?${all}`
}

/** Opens the fixture, whose own server gives it tokens. */
async function open(
  options: OpenOptions & {
    query?: Record<string, string>
    token?: () => Promise<{ status: number; body: string }>
  } = {},
): Promise<Tab> {
  const context = options.context ?? (await ground.browser.newContext())
  await context.unroute('**/my-own-token')
  await context.route('**/my-own-token', async route => {
    const own = async () => ({
      status: 200,
      body: JSON.stringify({ token: await mintToken({ secret, sub: 'foo', grants: everything, expiresInMs: 60_000 }) }),
    })
    expect(route.request().method()).toBe('POST')
    await route.fulfill({ contentType: 'application/json', ...(await (options.token ?? own)()) })
  })
  return await ground.open(address(options.query), { ...options, context })
}

const masterId = (page: Page): Promise<string> =>
  page
    .waitForFunction(() => {
      const current = document.querySelector('drover-master')?.current
      return current?.connection.at === 'open' && current.masterId
    })
    .then(handle => handle.jsonValue() as Promise<string>)

const outcomeOf = (page: Page, task: string, input: unknown): Promise<unknown> =>
  page.evaluate(([task, input]) => document.querySelector('drover-master')!.current!.run(task as string, input), [
    task,
    input,
  ] as const)

test('a job dispatched through it runs, and its outcome is told once', async () => {
  await using tab = await open()
  await masterId(tab.page)
  const told = tab.page.evaluate(
    () =>
      new Promise(resolve =>
        document.addEventListener('drover-outcome', event =>
          resolve([event.task, event.outcome.type, (event.target as Element).id]),
        ),
      ),
  )
  expect(await outcomeOf(tab.page, 'sums.double', { n: 21 })).toBe(42)
  expect(await told).toEqual(['sums.double', 'result', 'one'])
})

test('jobs survive the reload, and their outcome comes to the page after it', async () => {
  await using tab = await open()
  const before = await masterId(tab.page)
  const requestId = await tab.page.evaluate(async () => {
    const job = document.querySelector('drover-master')!.current!.dispatch('sums.slow', {})
    for await (const reply of job.replies()) if (reply.type === 'progress') break
    return job.request_id
  })
  await tab.page.reload()
  expect(await masterId(tab.page)).toBe(before)
  const shown = await tab.page.evaluate(
    id => document.querySelector('drover-master')!.current!.jobs.get(id)?.progress?.message,
    requestId,
  )
  expect(shown).toBe('half way')
  release.resolve()
  await tab.page.waitForFunction(id => {
    const job = document.querySelector('drover-master')!.current!.jobs.get(id)
    return job?.phase.at === 'ended' && job.phase.outcome.type === 'result'
  }, requestId)
})

test('a duplicated tab takes another identity, and neither loses the connection', async () => {
  await using tab = await open()
  const first = await masterId(tab.page)
  const [copy] = await Promise.all([
    tab.context.waitForEvent('page'),
    tab.page.evaluate(() => void window.open(location.href)),
  ])
  const second = await masterId(copy)
  expect(second).not.toBe(first)
  expect(await outcomeOf(copy, 'sums.double', { n: 1 })).toBe(2)
  expect(await outcomeOf(tab.page, 'sums.double', { n: 2 })).toBe(4)
  await copy.reload()
  expect(await masterId(copy)).toBe(second)
})

test('a tab opened after one was closed goes on with its jobs, of the same person alone', async () => {
  const context = await ground.browser.newContext()
  const openAs = async (owner: string) => open({ context, query: { owner } })
  const closed = await openAs('ada')
  const before = await masterId(closed.page)
  const requestId = await closed.page.evaluate(async () => {
    const job = document.querySelector('drover-master')!.current!.dispatch('sums.double', { n: 4 })
    await job.outcome
    return job.request_id
  })
  {
    await using beside = await openAs('ada')
    expect(await masterId(beside.page)).not.toBe(before)
  }
  await closed[Symbol.asyncDispose]()
  {
    await using others = await openAs('grace')
    await masterId(others.page)
    expect(await others.page.evaluate(() => document.querySelector('drover-master')!.current!.jobs.size)).toBe(0)
  }
  await using one = await openAs('ada')
  await masterId(one.page) // its token is fetched before another tab's is prepared
  await using two = await openAs('ada')
  const known = (tab: Tab) =>
    masterId(tab.page).then(() =>
      tab.page.evaluate(id => document.querySelector('drover-master')!.current!.jobs.has(id), requestId),
    )
  expect((await Promise.all([known(one), known(two)])).filter(Boolean)).toHaveLength(1)
  expect(await masterId(one.page)).not.toBe(await masterId(two.page))
  expect(await outcomeOf(one.page, 'sums.double', { n: 1 })).toBe(2)
  expect(await outcomeOf(two.page, 'sums.double', { n: 2 })).toBe(4)
  await context.close()
})

test('a widget that waits for its master says nothing of it, and what to do where none will come', async () => {
  await using tab = await open({ query: { url: '' } })
  const { page } = tab
  const shown = await page.evaluate(async () => {
    const jobs = document.createElement('drover-jobs')
    const master = document.querySelector('drover-master')!
    // As while its address is fetched: it never opens
    master.url = 'ws://127.0.0.1:9/stomp'
    master.append(jobs)
    await jobs.updateComplete
    const waiting = jobs.shadowRoot!.querySelector('.list')!.textContent!.trim()
    master.url = undefined
    document.body.append(jobs)
    await jobs.updateComplete
    return { waiting, lost: jobs.shadowRoot!.querySelector('.list')!.textContent!.trim() }
  })
  expect(shown.waiting).toBe('')
  expect(shown.lost).toContain('Not connected')
  await page.evaluate(() => document.querySelector('main')!.remove())
})

test('where storage is blocked it says so, and works', async () => {
  const context = await ground.browser.newContext()
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('access is denied for this document', 'SecurityError')
    }
  })
  await using tab = await open({ context })
  await masterId(tab.page)
  await tab.page.getByText('Jobs will not survive a reload').waitFor()
  expect(await outcomeOf(tab.page, 'sums.double', { n: 4 })).toBe(8)
  await tab.expectAccessible()
  await context.close()
})

test('a token address that refuses is told, and when it gives one the connection comes', async () => {
  let isSignedIn = false
  const context = await ground.browser.newContext()
  await using tab = await open({
    context,
    allow: /status of 401/,
    token: async () => {
      if (!isSignedIn) return { status: 401, body: '{}' }
      // As text, which will do too
      return { status: 200, body: await mintToken({ secret, sub: 'foo', grants: everything, expiresInMs: 60_000 }) }
    },
  })
  await tab.page.getByText('You are not signed in, or your sign-in has ended. Sign in again to go on.').waitFor()
  isSignedIn = true
  await masterId(tab.page)
  await tab.page.getByText('You are not signed in').waitFor({ state: 'hidden' })
  await context.close()
})

test('a site that the bridge does not list is told so, with what to start it with; once it is listed the connection comes', async () => {
  const own = { secret, port: 0 }
  const first = await startBridge(own)
  const query = { url: `${first.url.replace('http', 'ws')}/stomp` }
  // 426 where the bridge comes up between a WebSocket that did not open and the question why
  const allow = /WebSocket connection to|status of (403|426)|ERR_CONNECTION_REFUSED/
  await using tab = await open({ query, allow })
  const line = tab.page.locator('drover-master')
  await line.getByText(`whoever runs it has to start it with --origin ${ground.url}`).waitFor()
  await tab.expectAccessible()
  await first.close()
  await line.getByText('The bridge does not answer').waitFor({ timeout: 20_000 })
  await using _listed = await startBridge({ ...own, port: first.port, origins: [ground.url] })
  await masterId(tab.page)
  await line.getByText('The bridge').waitFor({ state: 'hidden' })
})

test('what stands in it keeps a distance, which a token sets', async () => {
  await using tab = await open()
  const { page } = tab
  await masterId(page)
  const gaps = await page.evaluate(() => {
    const master = document.querySelector('drover-master')!
    const [first, second] = [document.createElement('drover-form'), document.createElement('drover-jobs')]
    master.append(first, second)
    const gap = () => second.getBoundingClientRect().top - first.getBoundingClientRect().bottom
    const asItIs = gap()
    master.style.setProperty('--drover-gap', '3px')
    return [asItIs, gap()]
  })
  expect(gaps).toEqual([16, 3])
})

test('widgets find it by standing in it, by its id, and by property', async () => {
  await using tab = await open()
  await masterId(tab.page)
  const found = await tab.page.evaluate(async () => {
    type Probe = HTMLElement & { found: unknown; for: string; master: unknown; updateComplete: Promise<unknown> }
    const master = document.querySelector('drover-master')!
    const probe = (): Probe => document.createElement('master-probe') as Probe
    const inside = probe()
    master.append(inside)
    const named = probe()
    named.for = 'one'
    const given = probe()
    given.master = master.current
    const lost = probe()
    document.body.append(named, given, lost)
    await Promise.all([inside, named, given, lost].map(one => one.updateComplete))
    const first = [inside, named, given, lost].map(one => one.found === master.current)
    // Moved out of it, and the one with the name takes its id away.
    document.body.append(inside)
    named.for = 'nobody'
    await Promise.all([inside.updateComplete, named.updateComplete])
    return { first, after: [inside.found, named.found].map(one => one === undefined) }
  })
  expect(found).toEqual({ first: [true, true, true, false], after: [true, true] })
})

test('another address makes another master; taking it out of the page ends its connection', async () => {
  await using tab = await open()
  await masterId(tab.page)
  const ended = await tab.page.evaluate(async () => {
    const element = document.querySelector('drover-master')!
    const first = element.current!
    const told = new Promise(resolve => element.addEventListener('drover-master', resolve, { once: true }))
    element.url = `${element.url}?again`
    await told
    element.remove()
    while (first.connection.at !== 'closed') await new Promise(resolve => first.onChange(resolve))
    return { first: first.connection.at, current: element.current === undefined }
  })
  expect(ended).toEqual({ first: 'closed', current: true })
})
