/** A person's actions at the form, and its content after them; its fixture is `test/browser/fixtures/form.ts`. */
import { tabsWith } from '../fixture-tabs.ts'
import type { FormFixture } from '../fixtures/form.ts'
import type { OpenOptions, Tab } from '../harness.ts'

declare const fixture: FormFixture

type SchemaName = keyof FormFixture['schemas']

/** Opens the form in a tab of its own, with a task of that schema that one worker does. */
type Show = (schema: SchemaName | undefined, options?: OpenOptions) => Promise<Tab>

/** Starts the test bed of this file, and ends it after its tests. */
export function setForm(): Show {
  const open = tabsWith('form')
  return async (schema, options = {}) => {
    const tab = await open({ reducedMotion: true, ...options })
    if (schema !== undefined) {
      await tab.page.evaluate(name => fixture.show(fixture.schemas[name as SchemaName]), schema)
      await tab.page.getByRole('radio', { name: 'One worker' }).waitFor()
    }
    return {
      ...tab,
      expectAccessible: () => inBothThemes(tab),
      [Symbol.asyncDispose]: () => tab[Symbol.asyncDispose](),
    }
  }
}

/** The violations that axe finds, in the theme that is not the tab's as well. */
async function inBothThemes(tab: Tab): Promise<void> {
  const isDark = await tab.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)
  for (const isOther of [true, false]) {
    await tab.page.emulateMedia({ colorScheme: isOther !== isDark ? 'dark' : 'light' })
    await tab.expectAccessible()
  }
}

export const submit = (tab: Tab): Promise<void> => tab.page.getByRole('button', { name: 'Dispatch' }).click()
export const dispatched = (tab: Tab) => tab.page.evaluate(() => fixture.dispatched)
export const value = (tab: Tab) => tab.page.evaluate(() => fixture.form.value)
