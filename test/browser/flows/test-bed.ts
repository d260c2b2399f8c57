/** The test bed of flows: a bridge process, a namespace with workers to be had, and a browser that signs in at the page. */

import { mintToken } from 'drover/bridge'
import type { Grants } from 'drover/contract'
import { type Implementation, startWorker, type Worker } from 'drover/worker'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, vi } from 'vitest'
import { refreshBrowser } from '../../../scripts/build/browser.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts'
import { freePorts } from '../../support/free-ports.ts'
import { type BridgeAccess, type BridgeProcess, startBridgeProcess } from '../../support/system/bridge-process.ts'
import { type Environment, makeEnvironment } from '../../support/system/environment.ts'
import type { SetUp } from '../../support/system/set-ups.ts'
import { type Harness, type OpenOptions, startHarness, type Tab } from '../harness.ts'
import { everything } from '../test-bridge.ts'

export interface TestBed {
  readonly browser: Harness
  readonly bridge: BridgeProcess
  /** Between the page and the bridge. */
  readonly network: FaultProxy
  /** Of the page, by way of the network: `http://127.0.0.1:port`. */
  readonly url: string
  readonly environment: Environment
  /** A profile of its own in which foo is signed in; the caller closes it. */
  profile(): Promise<BrowserContext>
  /** The page in a profile of its own, signed in and connected, or in the one of `context`. */
  open(options?: OpenOptions): Promise<Tab>
  /** A worker of this process. */
  worker(name: string, ...tasks: Implementation[]): Promise<Worker>
}

/**
 * Starts the test bed before the tests of this file and ends it after them; a test that fails shows the logs.
 * @param access the users and options of the bridge besides the user foo and the sign-in link
 */
export function setUpTestBed(setUp: SetUp, access: BridgeAccess = {}): () => TestBed {
  // A whole flow takes a busy machine longer than a test of one thing.
  vi.setConfig({ testTimeout: 90_000 })
  const open = new AsyncDisposableStack()
  const logs: (() => string)[] = []
  let testBed: TestBed
  beforeAll(async () => {
    testBed = await makeTestBed(setUp, access, open, logs)
  }, 120_000)
  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => console.error(logs.map(log => log()).join('\n---\n')))
  })
  afterAll(() => open.disposeAsync())
  return () => testBed
}

async function makeTestBed(
  { broker: name, by }: SetUp,
  access: BridgeAccess,
  open: AsyncDisposableStack,
  logs: (() => string)[],
): Promise<TestBed> {
  await refreshBrowser(process.cwd())
  const namespace = unique('flows')
  const grants: Grants = { ...everything, ns: namespace }
  const broker = by === 'inside' ? 'embedded' : (await sharedBroker(name)).stompUrl
  const [port = 0] = await freePorts(1)
  const network = open.use(await startFaultProxy(`http://127.0.0.1:${port}`))
  const bridge = open.use(
    await startBridgeProcess(broker, {
      port,
      hosts: [`127.0.0.1:${network.port}`],
      users: [{ login: 'foo', password: 'bar', grants }],
      signInLink: { owner: 'foo', grants },
      ...access,
    }),
  )
  logs.push(() => `bridge:\n${bridge.log().slice(-3000)}`)
  const browser = open.use(await startHarness())
  const environment = makeEnvironment({ url: bridge.url, secret: bridge.secret, namespace }, logs)
  const url = `http://127.0.0.1:${network.port}`
  // Signed in once: a password costs the bridge half a second.
  let signedIn: ReturnType<typeof signIn> | undefined
  const profile = async (): Promise<BrowserContext> => {
    signedIn ??= signIn(browser, url)
    return await browser.browser.newContext({ storageState: await signedIn, reducedMotion: 'reduce' })
  }
  return {
    browser,
    bridge,
    network,
    url,
    environment,
    profile,
    async open(options = {}) {
      const own = options.context === undefined ? await profile() : undefined
      const tab = await browser.open(url, { ...options, context: options.context ?? own! })
      await tab.page.getByText('Connected', { exact: true }).waitFor()
      return {
        ...tab,
        async [Symbol.asyncDispose]() {
          await tab[Symbol.asyncDispose]()
          await own?.close()
        },
      }
    },
    async worker(name, ...tasks) {
      const grants = { ...everything, ns: namespace }
      const token = await mintToken({ secret: bridge.secret, sub: 'worker', grants, expiresInMs: 600_000 })
      return await startWorker({
        url: bridge.url,
        token: () => token,
        name,
        tasks,
        signals: false,
        concurrency: 4,
        presenceIntervalMs: 500,
      })
    },
  }
}

/** Fills in the sign-in form. */
export async function giveLogin(page: Page): Promise<void> {
  await page.getByLabel('Login').fill('foo')
  await page.getByLabel('Password').fill('bar')
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function signIn({ browser }: Harness, url: string) {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  await giveLogin(page)
  await page.getByText('Connected', { exact: true }).waitFor()
  const state = await context.storageState()
  await context.close()
  return state
}
