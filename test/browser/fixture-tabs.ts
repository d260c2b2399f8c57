/** Tabs with a fixture of a widget in them, for the tests of one file. */
import { afterAll, beforeAll } from 'vitest'
import { type Ground, type OpenOptions, startGround, type Tab } from './harness.ts'

/**
 * To be called once, at the top of a file.
 * @param fixture that defines `ground` in the page, such as `jobs`
 * @returns opens a tab, once `ground` is there
 */
export function tabsWith(fixture: string): (options?: OpenOptions) => Promise<Tab> {
  let here: Ground
  beforeAll(async () => {
    here = await startGround()
  })
  afterAll(() => here[Symbol.asyncDispose]())
  return async options => {
    const tab = await here.open(fixture, options)
    await tab.page.waitForFunction(() => 'ground' in globalThis)
    return tab
  }
}
