/** The page as a bridge serves it: built if it has to be, with somebody who signs in, and workers that it finds. */
import type { RunningBridge } from 'drover/bridge'
import { startWorker, type Worker, type WorkerOptions } from 'drover/worker'
import type { Page } from 'playwright-core'
import { refreshBrowser } from '../../../scripts/build/browser.ts'
import { type Harness, type OpenOptions, startHarness, type Tab } from '../harness.ts'
import { startBridge } from '../test-bridge.ts'

export interface PageTestBed extends AsyncDisposable {
  readonly harness: Harness
  readonly bridge: RunningBridge
  /**
   * Opens the page and signs in.
   * @param url of another bridge that serves it
   */
  signedIn(options?: OpenOptions, url?: string): Promise<Tab>
  /** It ends with the harness, if not before. */
  startWorker(options: Pick<WorkerOptions, 'tasks' | 'concurrency'>): Promise<Worker>
}

export async function startPageTestBed(): Promise<PageTestBed> {
  await using starting = new AsyncDisposableStack()
  await refreshBrowser(process.cwd())
  const harness = starting.use(await startHarness())
  const bridge = starting.use(await startBridge())
  const stack = starting.move()
  return {
    harness,
    bridge,
    async signedIn(options, url = bridge.url) {
      const tab = await harness.open(url, { reducedMotion: true, ...options })
      await signIn(tab.page)
      await tab.page.getByText('Connected', { exact: true }).waitFor()
      return tab
    },
    async startWorker(options) {
      const url = bridge.stompUrl!.replace('://', '://foo:bar@')
      return stack.use(await startWorker({ ...options, url, signals: false }))
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

export async function signIn(page: Page, password = 'bar', login = 'foo'): Promise<void> {
  await page.getByLabel('Login').fill(login)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
