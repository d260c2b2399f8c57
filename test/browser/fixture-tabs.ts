/** Tabs with a fixture of a widget in them, for the tests of one file. */
import { afterAll, beforeAll } from 'vitest'
import { type Harness, type OpenOptions, startHarness, type Tab } from './harness.ts'

/**
 * To be called once, at the top of a file.
 * @param fixture that defines `fixture` in the page, such as `jobs`
 * @returns opens a tab, once `fixture` is there
 */
export function tabsWith(fixture: string): (options?: OpenOptions) => Promise<Tab> {
  let harness: Harness
  beforeAll(async () => {
    harness = await startHarness()
  })
  afterAll(() => harness[Symbol.asyncDispose]())
  return async options => {
    const tab = await harness.open(fixture, options)
    await tab.page.waitForFunction(() => 'fixture' in globalThis)
    return tab
  }
}
