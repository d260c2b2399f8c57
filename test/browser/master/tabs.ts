/** `<drover-master>` in Chromium, for the tests of one file: against a real bridge and a real worker. */
import type { RunningBridge } from 'drover/bridge'
import { mintToken } from 'drover/bridge'
import { type Implementation, startWorker } from 'drover/worker'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Harness, type OpenOptions, startHarness, type Tab } from '../harness.ts'
import { everything, startBridge } from '../test-bridge.ts'

/** Of the bridge, for tokens that it takes. */
export const secret = '0123456789abcdef0123456789abcdef'

export interface MasterTabs {
  /** There once the tests run. */
  readonly harness: Harness
  /** Opens the fixture, whose own server gives it tokens. */
  open(
    options?: OpenOptions & {
      query?: Record<string, string>
      token?: () => Promise<{ status: number; body: string }>
    },
  ): Promise<Tab>
}

/**
 * To be called once, at the top of a file.
 * @param tasks of a worker behind the bridge; without any there is none
 */
export function tabsWithMaster(tasks: readonly Implementation[] = []): MasterTabs {
  const stack = new AsyncDisposableStack()
  let harness: Harness
  let bridge: RunningBridge
  beforeAll(async () => {
    harness = stack.use(await startHarness())
    bridge = stack.use(await startBridge({ origins: [harness.url], secret }))
    const url = bridge.stompUrl!.replace('://', '://foo:bar@')
    if (tasks.length > 0) stack.use(await startWorker({ url, concurrency: 4, tasks }))
  })
  afterAll(() => stack.disposeAsync())
  const address = (query: Record<string, string> = {}): string => {
    const url = bridge.url.replace('http', 'ws')
    const all = new URLSearchParams({
      module: '/test/browser/fixtures/master.ts',
      url: `${url}/stomp`,
      'token-url': '/my-own-token',
      ...query,
    })
    return `${harness.url}/fixture?${all}`
  }
  return {
    get harness() {
      return harness
    },
    async open(options = {}) {
      const context = options.context ?? (await harness.browser.newContext())
      await context.unroute('**/my-own-token')
      await context.route('**/my-own-token', async route => {
        const own = async () => ({
          status: 200,
          body: JSON.stringify({
            token: await mintToken({ secret, sub: 'foo', grants: everything, expiresInMs: 60_000 }),
          }),
        })
        expect(route.request().method()).toBe('POST')
        await route.fulfill({ contentType: 'application/json', ...(await (options.token ?? own)()) })
      })
      return await harness.open(address(options.query), { ...options, context })
    },
  }
}

/** Once it is connected. */
export const masterId = (page: Page): Promise<string> =>
  page
    .waitForFunction(() => {
      const current = document.querySelector('drover-master')?.current
      return current?.connection.at === 'open' && current.masterId
    })
    .then(handle => handle.jsonValue() as Promise<string>)

export const outcomeOf = (page: Page, task: string, input: unknown): Promise<unknown> =>
  page.evaluate(([task, input]) => document.querySelector('drover-master')!.current!.run(task as string, input), [
    task,
    input,
  ] as const)
