/** From an entry to a job: by keyboard, to one or to all, and the entry that stays when the form is moved. */
import { expect, test } from 'vitest'
import type { FormFixture } from '../fixtures/form.ts'
import { dispatched, setForm, submit, value } from './user.ts'

declare const fixture: FormFixture

const show = setForm()

test('a task is filled in and dispatched by keyboard alone', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => fixture.form.focus())
  await page.keyboard.type('cat.png')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('640')
  await page.keyboard.press('Enter')
  await page.getByText('Dispatched to one worker.').waitFor()
  expect(await dispatched(tab)).toEqual([
    { task: 'image.thumbnail', input: { path: 'cat.png', width: 640, format: 'webp' }, mode: 'queue', options: {} },
  ])
  expect(await page.evaluate(() => fixture.events)).toEqual(['drover-dispatch', 'drover-dispatched'])
  await page.getByRole('button', { name: /^Job [0-9a-f]{8}$/ }).click()
  expect(await page.evaluate(() => fixture.events.at(-1))).toBe('drover-select')
  await tab.expectAccessible()
})

test('Control and Enter dispatches from a text of several lines', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.evaluate(() => {
    fixture.show({ type: 'object', properties: { note: { type: 'string', contentMediaType: 'text/plain' } } })
  })
  await page.getByRole('textbox', { name: 'Note' }).fill('one')
  await page.keyboard.press('Enter')
  await page.keyboard.type('two')
  await page.keyboard.press('Control+Enter')
  await page.getByText('Dispatched to one worker.').waitFor()
  expect((await dispatched(tab))[0]?.input).toEqual({ note: 'one\ntwo' })
})

test('to all workers, with how many would answer, and with a timeout', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    fixture.form.timeoutMs = 5000
    fixture.form.value = { path: 'a' }
  })
  await page.getByText('3 workers').waitFor()
  await page.evaluate(() => fixture.announce('image.thumbnail', fixture.schemas.thumbnail, 1))
  await page.getByText('1 worker', { exact: true }).waitFor()
  await page.getByRole('radio', { name: 'All workers' }).check()
  await submit(tab)
  await page.getByText('Dispatched to all workers.').waitFor()
  expect(await dispatched(tab)).toEqual([
    { task: 'image.thumbnail', input: { path: 'a' }, mode: 'topic', options: { timeoutMs: 5000 } },
  ])
})

test('a host can keep it from being dispatched', async () => {
  await using tab = await show('thumbnail')
  await tab.page.evaluate(() => {
    fixture.vetoes = true
    fixture.form.value = { path: 'a' }
  })
  await submit(tab)
  expect(await tab.page.evaluate(() => fixture.events)).toEqual(['drover-dispatch'])
  expect(await dispatched(tab)).toEqual([])
})

test('a job that the master refuses at once is told', async () => {
  await using tab = await show('thumbnail')
  await tab.page.evaluate(() => {
    fixture.refuses = 'Cannot dispatch: this master was disposed of'
    fixture.form.value = { path: 'a' }
  })
  await submit(tab)
  await tab.page.getByText('this master was disposed of').waitFor()
  await tab.expectAccessible()
})

test('taken out of the page and put in again, it has its entry', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.getByRole('textbox', { name: 'Path' }).fill('cat.png')
  await page.evaluate(() => {
    const { form } = fixture
    form.remove()
    document.querySelector('main')?.append(form)
  })
  expect(await page.getByRole('textbox', { name: 'Path' }).inputValue()).toBe('cat.png')
  await page.getByRole('button', { name: 'Start over' }).click()
  expect(await page.getByRole('textbox', { name: 'Path' }).inputValue()).toBe('')
  expect(await value(tab)).toEqual({ width: 320, format: 'webp' })
})
