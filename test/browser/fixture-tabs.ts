/** The harness for all tests of one file, and tabs with a fixture of a widget in them. */
import { afterAll, beforeAll } from 'vitest'
import { type Harness, type OpenOptions, startHarness, type Tab } from './harness.ts'

/** To be called once, at the top of a file: the browser is there once its tests run. */
export function setUpHarness(): Omit<Harness, keyof AsyncDisposable> {
  let harness: Harness
  beforeAll(async () => {
    harness = await startHarness()
  })
  afterAll(() => harness[Symbol.asyncDispose]())
  return {
    get browser() {
      return harness.browser
    },
    get url() {
      return harness.url
    },
    open: (where, options) => harness.open(where, options),
  }
}

/**
 * To be called once, at the top of a file.
 * @param fixture that defines `fixture` in the page, such as `jobs`
 * @returns opens a tab, once `fixture` is there
 */
export function tabsWith(fixture: string): (options?: OpenOptions) => Promise<Tab> {
  const harness = setUpHarness()
  return async options => {
    const tab = await harness.open(fixture, options)
    await tab.page.waitForFunction(() => 'fixture' in globalThis)
    return tab
  }
}
