/**
 * Tests in a real browser, from plain Vitest tests in Node:
 *
 *     const harness = await startHarness()           // once a file: the run's server for fixtures and its browser
 *     await using tab = await harness.open('job')   // test/browser/fixtures/job.ts, under a strict policy
 *     await tab.page.getByRole('button').click()
 *     await tab.expectAccessible()                 // axe finds nothing
 *
 * Leaving a tab fails its test when anything was written to the console as an error or a warning, when a script threw,
 * or when the Content-Security-Policy or Trusted Types were violated.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { type Browser, type BrowserContext, type ConsoleMessage, chromium, type Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { startFixtureServer } from './fixture-server.ts'
import { type SharedBrowser, shareVariable } from './share.ts'

export interface OpenOptions {
  /** Default light. */
  readonly colorScheme?: 'light' | 'dark'
  /** CSS px. Default 1024. */
  readonly width?: number
  /** CSS px. Default 768. */
  readonly height?: number
  readonly reducedMotion?: boolean
  readonly forcedColors?: boolean
  /** To open a second tab of the same browser profile. */
  readonly context?: BrowserContext
  /** Words that the console may have, such as that a connection was refused in a test that refuses it. */
  readonly allow?: RegExp
}

export interface Tab extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** The faults so far; a test that expects some empties it. */
  readonly faults: string[]
  /** @throws when axe finds anything */
  expectAccessible(): Promise<void>
}

export interface Harness extends AsyncDisposable {
  readonly browser: Browser
  /** Of the server that serves fixtures and sources. */
  readonly url: string
  /** @param where the name of a fixture, or a whole address */
  open(where: string, options?: OpenOptions): Promise<Tab>
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const litNotice = /Lit is in dev mode|\[vite\]/

export async function startHarness(): Promise<Harness> {
  await using starting = new AsyncDisposableStack()
  const { browser, url } = await browserAndFixtures(starting)
  const stack = starting.move()
  return {
    browser,
    url,
    open: (where, options = {}) =>
      openTab(
        browser,
        /^https?:/.test(where) ? where : `${url}/fixture?module=/test/browser/fixtures/${where}.ts`,
        options,
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Those of the run, or of this process where there is none. */
async function browserAndFixtures(stack: AsyncDisposableStack): Promise<{ browser: Browser; url: string }> {
  const asked = process.env[shareVariable]
  if (asked === undefined) {
    const { url } = stack.use(await startFixtureServer())
    return { url, browser: stack.use(await launchChromium()) }
  }
  const response = await fetch(asked)
  if (!response.ok) throw new Error(await response.text())
  const { endpoint, fixtures } = (await response.json()) as SharedBrowser
  return { url: fixtures, browser: stack.use(await chromium.connect(endpoint)) }
}

async function openTab(browser: Browser, url: string, options: OpenOptions): Promise<Tab> {
  const { width = 1024, height = 768, colorScheme = 'light', allow } = options
  const context =
    options.context ??
    (await browser.newContext({
      viewport: { width, height },
      colorScheme,
      reducedMotion: options.reducedMotion === true ? 'reduce' : 'no-preference',
      forcedColors: options.forcedColors === true ? 'active' : 'none',
    }))
  const page = await context.newPage()
  const faults: string[] = []
  const found = (fault: string): void => {
    if (allow === undefined || !allow.test(fault)) faults.push(fault)
  }
  page.on('console', message => isFault(message) && found(`${message.type()}: ${message.text()}`))
  page.on('pageerror', error => found(`threw ${error.message}`))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event => {
      console.error(`CSP ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`)
    })
  })
  await page.goto(url)
  return {
    page,
    context,
    faults,
    expectAccessible: () => expectAccessible(page),
    async [Symbol.asyncDispose]() {
      if (options.context === undefined) await context.close()
      else await page.close()
      if (faults.length > 0) throw new Error(`The page had faults:\n${faults.join('\n')}`)
    },
  }
}

const isFault = (message: ConsoleMessage): boolean =>
  (message.type() === 'error' || message.type() === 'warning') && !litNotice.test(message.text())

async function expectAccessible(page: Page): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource)
  await page.evaluate(transitionsOver)
  const { violations } = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: unknown): Promise<AxeResults> } }
    return await axe.run({ resultTypes: ['violations'] })
  })
  if (violations.length === 0) return
  const told = violations.map(({ id, help, nodes }) => {
    const where = nodes
      .slice(0, 5)
      .map(node => `    ${node.target.join(' ')}: ${node.failureSummary?.replaceAll('\n', ' ')}`)
    return `${id}: ${help}\n${where.join('\n')}`
  })
  throw new Error(`axe found ${violations.length}:\n${told.join('\n')}`)
}

/** Half of the way between two colours has a contrast of its own. A document's own list leaves out its shadow trees. */
async function transitionsOver(): Promise<void> {
  const transitionsIn = (tree: Document | ShadowRoot): Animation[] => [
    ...tree.getAnimations().filter(animation => animation instanceof CSSTransition),
    ...Array.from(tree.querySelectorAll('*')).flatMap(({ shadowRoot }) =>
      shadowRoot === null ? [] : transitionsIn(shadowRoot),
    ),
  ]
  // One that is cancelled, as by a removed element, is over too
  await Promise.allSettled(transitionsIn(document).map(({ finished }) => finished))
}
