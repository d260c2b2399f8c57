/** What a person does at the form, and what it then holds; its fixture is `test/browser/fixtures/form.ts`. */
import { afterAll, beforeAll } from 'vitest'
import type { FormGround } from '../fixtures/form.ts'
import { type Ground, type OpenOptions, startGround, type Tab } from '../harness.ts'

declare const ground: FormGround

type SchemaName = keyof FormGround['schemas']

/** Opens the form in a tab of its own, with a task of that schema that one worker does. */
type Show = (schema: SchemaName | undefined, options?: OpenOptions) => Promise<Tab>

/** Starts what the tests of this file stand on, and ends it after them. */
export function setForm(): Show {
  let browser: Ground
  beforeAll(async () => {
    browser = await startGround()
  })
  afterAll(() => browser[Symbol.asyncDispose]())
  return async (schema, options = {}) => {
    const tab = await browser.open('form', { reducedMotion: true, ...options })
    await tab.page.waitForFunction(() => 'ground' in globalThis)
    if (schema !== undefined) {
      await tab.page.evaluate(name => ground.show(ground.schemas[name as SchemaName]), schema)
      await tab.page.getByRole('radio', { name: 'One worker' }).waitFor()
    }
    return {
      ...tab,
      expectAccessible: () => inBothThemes(tab),
      [Symbol.asyncDispose]: () => tab[Symbol.asyncDispose](),
    }
  }
}

/** What axe finds, in the theme that is not the tab's as well. */
async function inBothThemes(tab: Tab): Promise<void> {
  const isDark = await tab.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)
  for (const isOther of [true, false]) {
    await tab.page.emulateMedia({ colorScheme: isOther !== isDark ? 'dark' : 'light' })
    await tab.expectAccessible()
  }
}

export const submit = (tab: Tab): Promise<void> => tab.page.getByRole('button', { name: 'Dispatch' }).click()
export const dispatched = (tab: Tab) => tab.page.evaluate(() => ground.dispatched)
export const value = (tab: Tab) => tab.page.evaluate(() => ground.form.value)
