/** Which task the form is for: its workers, its grants, its schema, and the sentences while they are not known. */
import { expect, test } from 'vitest'
import type { FormFixture } from '../fixtures/form.ts'
import type { Tab } from '../harness.ts'
import { dispatched, setForm, submit } from './user.ts'

declare const fixture: FormFixture

const show = setForm()

const isDisabled = (tab: Tab) => tab.page.getByRole('button', { name: 'Dispatch' }).getAttribute('aria-disabled')

test('without a worker a queue waits, and a broadcast is not dispatched', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    fixture.form.value = { path: 'a' }
    fixture.announce('image.thumbnail', fixture.schemas.thumbnail, 0)
  })
  await page.getByText('the job waits until one is started').waitFor()
  expect(await isDisabled(tab)).toBe('false')
  await tab.expectAccessible()
  await page.getByRole('radio', { name: 'All workers' }).check()
  await page.getByText('nobody would answer: start one first').waitFor()
  expect(await isDisabled(tab)).toBe('true')
  await page.getByRole('button', { name: 'Dispatch' }).click({ force: true })
  await expect.poll(() => page.evaluate(() => fixture.form.shadowRoot?.activeElement?.id)).toBe('note')
  expect(await dispatched(tab)).toEqual([])
  await tab.expectAccessible()
})

test('a mode that the grants do not allow is not offered', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => fixture.open({ dispatch: ['image.*'] }))
  const sendTo = page.getByRole('group', { name: 'Send to' })
  await sendTo.getByText('One worker').waitFor()
  await expect.poll(() => page.getByRole('radio', { name: /worker/ }).count()).toBe(0)
  await tab.expectAccessible()
  await page.evaluate(() => fixture.open({ broadcast: ['image.*'] }))
  await sendTo.getByText('All workers').waitFor()
  expect(await page.getByRole('radio', { name: /worker/ }).count()).toBe(0)
  await page.evaluate(() => fixture.open({ dispatch: ['other'] }))
  await page.getByText('This sign-in may not dispatch "image.thumbnail"').waitFor()
  expect(await isDisabled(tab)).toBe('true')
  await tab.expectAccessible()
})

test('away, a job is kept; without a connection nothing is dispatched', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    fixture.form.value = { path: 'a' }
    fixture.away()
  })
  await page.getByText('the job will be sent when it is back').waitFor()
  await submit(tab)
  await page.getByText('on its way once there is a connection').waitFor()
  await tab.expectAccessible()
  await page.evaluate(() => fixture.connect({ at: 'closed', reason: new Error('no') }))
  await page.getByText('The connection is closed').waitFor()
  expect(await isDisabled(tab)).toBe('true')
  await page.evaluate(() => {
    fixture.form.master = undefined
  })
  await page.getByText('This form has no connection').waitFor()
  await tab.expectAccessible()
})

test('without a task it offers those that are announced and granted, and keeps the entry for each', async () => {
  await using tab = await show(undefined)
  const { page } = tab
  await page.getByText('No task is announced yet').waitFor()
  await tab.expectAccessible()
  await page.evaluate(() => {
    fixture.open({ dispatch: ['image.*', 'log.search', 'host.facts'] })
    fixture.announce('image.thumbnail', fixture.schemas.thumbnail)
    fixture.announce('image.crop', fixture.schemas.empty)
    fixture.announce('log.search', fixture.schemas.empty, 1)
    fixture.announce('secret.task', fixture.schemas.empty)
  })
  const choice = page.getByRole('combobox', { name: 'Task' })
  await expect
    .poll(() => choice.locator('option').allInnerTexts())
    .toEqual(['Choose…', 'image.crop (3 workers)', 'image.thumbnail (3 workers)', 'log.search (1 worker)'])
  expect(await choice.locator('optgroup').count()).toBe(2)
  await page.getByText('Choose a task to dispatch.').waitFor()
  expect(await page.evaluate(() => fixture.master.asked)).not.toContain('watch image.thumbnail')
  await choice.selectOption('image.thumbnail')
  // By name, since who hears of every task never knows that nobody more is to be heard of one.
  expect(await page.evaluate(() => fixture.master.asked)).toContain('watch image.thumbnail')
  await page.getByRole('textbox', { name: 'Path' }).fill('cat.png')
  await choice.selectOption('log.search')
  await page.getByText('This task takes no input.').waitFor()
  await tab.expectAccessible()
  await choice.selectOption('image.thumbnail')
  expect(await page.getByRole('textbox', { name: 'Path' }).inputValue()).toBe('cat.png')
})

test('while workers are looked for it says so; without a schema it takes JSON', async () => {
  await using tab = await show(undefined)
  const { page } = tab
  await page.evaluate(() => {
    fixture.announce('image.thumbnail', undefined, 0, false)
    fixture.form.task = 'image.thumbnail'
  })
  await page.getByText('Looking for workers that describe the input of this task').waitFor()
  await tab.expectAccessible()
  await page.evaluate(() => fixture.announce('image.thumbnail', undefined, 1))
  await page.getByText('No input schema is announced for this task').waitFor()
  await page.getByRole('textbox', { name: /as JSON/ }).fill('{"any": 1}')
  await tab.expectAccessible()
  await submit(tab)
  await page.getByText('Dispatched to one worker.').waitFor()
  expect((await dispatched(tab))[0]?.input).toEqual({ any: 1 })
  await page.evaluate(() => fixture.announce('image.thumbnail', fixture.schemas.thumbnail))
  await page.getByRole('button', { name: 'Fields' }).click()
  await page.getByText('Also in the JSON view: any.').waitFor()
})

test('a schema that is given wins over the announced one, and one that is too deep is written as JSON', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    fixture.form.schema = { type: 'object', properties: { mine: { type: 'string' } } }
  })
  await page.getByRole('textbox', { name: 'Mine' }).waitFor()
  await page.evaluate(() => {
    fixture.form.schema = fixture.schemas.deep
  })
  await page.getByText('nested more than 10 levels deep').waitFor()
  await page.getByRole('textbox', { name: /as JSON/ }).waitFor()
  await tab.expectAccessible()
})

test('a hostile schema becomes neither markup nor an address, and cannot hang the page', async () => {
  await using tab = await show('hostile', { width: 320 })
  const { page } = tab
  await submit(tab)
  const found = await page.evaluate(() => {
    const elements = [...fixture.form.shadowRoot!.querySelectorAll('*')]
    return {
      hacked: 'hacked' in globalThis,
      markup: elements.filter(({ localName }) => /^(img|script|a|iframe|object|embed|base|link)$/.test(localName))
        .length,
      attributes: elements
        .flatMap(one => one.getAttributeNames())
        .filter(name => /^on|^(href|src|style|action|formaction)$/.test(name)),
      width: document.documentElement.scrollWidth,
    }
  })
  expect(found).toEqual({ hacked: false, markup: 0, attributes: [], width: 320 })
  await tab.expectAccessible()
  await page.screenshot({ path: '.test-results/form-hostile.png', fullPage: true })
})

test('without a connection and a schema there is one sentence; with nobody there, JSON for those who ask for it', async () => {
  await using tab = await show(undefined)
  const { page } = tab
  await page.evaluate(() => {
    fixture.away()
    fixture.form.task = 'image.thumbnail'
  })
  await page.getByText('The form shows once there is a connection.').waitFor()
  expect(await isDisabled(tab)).toBe('true')
  expect(await page.getByRole('textbox').count()).toBe(0)
  await tab.expectAccessible()
  await page.evaluate(() => fixture.open({ dispatch: ['other'] }))
  await page.getByText('This sign-in may not dispatch "image.thumbnail"').waitFor()
  expect(await page.getByRole('textbox').count()).toBe(0)
  await page.evaluate(() => {
    fixture.announce('image.thumbnail', undefined, 0)
    fixture.open()
  })
  await page.getByText('start one, and its form shows here').waitFor()
  expect([await page.getByRole('textbox').count(), await isDisabled(tab)]).toEqual([0, 'true'])
  await tab.expectAccessible()
  await page.getByRole('button', { name: 'Write the input as JSON' }).click()
  const json = page.getByRole('textbox', { name: /as JSON/ })
  await expect.poll(() => json.evaluate(one => one.matches(':focus'))).toBe(true)
  await page.getByText('the job waits until one is started').waitFor()
  expect(await isDisabled(tab)).toBe('false')
})

test('a heading takes the place of the name of the task', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  const name = page.locator('drover-form [part="task"]')
  expect(await name.isVisible()).toBe(true)
  await page.evaluate(() => {
    const heading = document.createElement('h2')
    heading.slot = 'heading'
    heading.textContent = 'New thumbnail'
    fixture.form.append(heading)
  })
  await page.getByRole('heading', { name: 'New thumbnail' }).waitFor()
  expect(await name.isVisible()).toBe(false)
  expect(await page.locator('drover-form [part="views"] [part~="view"]').count()).toBe(2)
  await tab.expectAccessible()
})
