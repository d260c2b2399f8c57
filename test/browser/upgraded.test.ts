/** All that a page sets on a tag before its widget is loaded arrives, as when a framework renders first. */
import { expect, test } from 'vitest'
import { setUpHarness } from './fixture-tabs.ts'
import type { FormFixture } from './fixtures/form.ts'

declare const fixture: FormFixture

const harness = setUpHarness()

test.for(['form', 'job', 'jobs', 'workers', 'master'])('every property of <drover-%s>', async name => {
  await using tab = await harness.open(name, { allow: /WebSocket|ERR_/ })
  const found = await tab.page.evaluate(async tag => {
    await customElements.whenDefined(tag)
    const settable = new Set<string>()
    let prototype = customElements.get(tag)!.prototype as object
    for (; prototype !== HTMLElement.prototype; prototype = Object.getPrototypeOf(prototype) as object) {
      for (const [key, { set }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
        if (set !== undefined && !key.startsWith('_')) settable.add(key)
      }
    }
    // In a document without a window nothing is upgraded: as long as an element is of one, its widget is not loaded.
    const element = document.implementation.createHTMLDocument().createElement(tag)
    for (const key of settable) Object.assign(element, { [key]: undefined })
    document.body.append(element)
    await (element as HTMLElement & { updateComplete: Promise<boolean> }).updateComplete
    // Its own would stand before the widget's, now and at every later reading.
    return { settable: settable.size, own: [...settable].filter(key => Object.hasOwn(element, key)) }
  }, `drover-${name}`)
  expect(found).toEqual({ settable: expect.any(Number), own: [] })
  expect(found.settable).toBeGreaterThan(2)
})

test("a form's schema, value and listener", async () => {
  await using tab = await harness.open('form')
  await tab.page.waitForFunction(() => 'fixture' in globalThis)
  const value = await tab.page.evaluate(() => {
    fixture.announce('image.thumbnail')
    const form = document.implementation.createHTMLDocument().createElement('drover-form')
    const { master, schemas } = fixture
    Object.assign(form, { master, schema: schemas.thumbnail, task: 'image.thumbnail', value: { path: 'dusk.jpg' } })
    form.addEventListener('drover-dispatch', event => Object.assign(globalThis, { heard: event.input }))
    fixture.form.replaceWith(form)
    return form.updateComplete.then(() => form.value)
  })
  expect(value).toEqual({ path: 'dusk.jpg' })
  const { page } = tab
  expect(await page.getByRole('textbox', { name: 'Path' }).inputValue()).toBe('dusk.jpg')
  await page.getByRole('button', { name: 'Dispatch' }).click()
  expect(await page.evaluate(() => (globalThis as { heard?: unknown }).heard)).toEqual({ path: 'dusk.jpg' })
})

test.for(['form', 'master'])(
  'an object that a framework has written as text is told in the console: <drover-%s>',
  async name => {
    await using tab = await harness.open(name, { allow: /got "\[object Object\]" as its schema|WebSocket|ERR_/ })
    const { page } = tab
    const warned = page.waitForEvent('console', message => message.text().includes('[object Object]'))
    await page.evaluate(async tag => {
      await customElements.whenDefined(tag)
      const element = document.createElement(tag)
      element.setAttribute('schema', String({ type: 'object' }))
      document.body.append(element)
    }, `drover-${name}`)
    expect((await warned).text()).toContain(
      `<drover-${name}> got "[object Object]" as its schema: set it as a property, in React by a ref, in Vue as ".schema"`,
    )
  },
)
