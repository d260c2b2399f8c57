/** The page and the form: it sets task and value, and has a job's input edited there. */
import { expect, test } from 'vitest'
import type { FormFixture } from '../fixtures/form.ts'
import { setForm, submit, value } from './user.ts'

declare const fixture: FormFixture

const show = setForm()

const isFocused = (one: HTMLElement | SVGElement) => one.matches(':focus')

test("another job's input is edited: task, value and mode are there, and the first field has the focus", async () => {
  await using tab = await show(undefined)
  const { page } = tab
  await page.evaluate(() => {
    fixture.announce('image.thumbnail', fixture.schemas.thumbnail)
    fixture.announce('host.facts', fixture.schemas.empty)
  })
  await page.getByRole('combobox', { name: 'Task' }).selectOption('host.facts')
  await page.getByText('This task takes no input.').waitFor()
  const input = { path: 'dusk.jpg', width: 64 }
  const isTaken = await page.evaluate(
    given => fixture.form.edit({ task: 'image.thumbnail', input: given, mode: 'topic' }),
    input,
  )
  expect(isTaken).toBe(true)
  await expect.poll(() => page.getByRole('textbox', { name: 'Path' }).evaluate(isFocused)).toBe(true)
  expect(await page.getByRole('textbox', { name: 'Path' }).inputValue()).toBe('dusk.jpg')
  expect(await page.getByRole('combobox', { name: 'Task' }).inputValue()).toBe('image.thumbnail')
  expect(await page.getByRole('radio', { name: 'All workers' }).isChecked()).toBe(true)
  expect(await value(tab)).toEqual(input)
  await tab.expectAccessible()
})

test('the fault of an input that is edited is said, and focused', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() =>
    fixture.form.edit({ task: 'image.thumbnail', input: { path: 'dusk.jpg', width: 7 }, mode: 'queue' }),
  )
  await page.getByText('Expected 16 at least.').waitFor()
  await expect.poll(() => page.getByRole('spinbutton', { name: 'Width' }).evaluate(isFocused)).toBe(true)
  await tab.expectAccessible()
})

test('a form for one task edits no other', async () => {
  await using tab = await show('thumbnail')
  const edit = () => fixture.form.edit({ task: 'host.facts', input: { a: 1 }, mode: 'queue' })
  expect(await tab.page.evaluate(edit)).toBe(false)
  expect(await value(tab)).toEqual({ width: 320, format: 'webp' })
})

test('fields that come late are not focused when a person has gone on to something else', async () => {
  await using tab = await show(undefined)
  const { page } = tab
  await page.evaluate(() => {
    const other = document.createElement('input')
    other.setAttribute('aria-label', 'Elsewhere')
    document.querySelector('main')?.append(other)
    fixture.form.edit({ task: 'image.thumbnail', input: { path: 'a' }, mode: 'queue' })
  })
  await page.getByLabel('Elsewhere').focus()
  await page.evaluate(() => fixture.announce('image.thumbnail', fixture.schemas.thumbnail))
  await page.getByRole('textbox', { name: 'Path' }).waitFor()
  expect(await page.getByRole('textbox', { name: 'Path' }).inputValue()).toBe('a')
  expect(await page.getByLabel('Elsewhere').evaluate(one => one === document.activeElement)).toBe(true)
})

test('task and value that are set together show in the fields, and the first may be focused at once', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    fixture.announce('log.search', { type: 'object', properties: { pattern: { type: 'string' } } })
    fixture.form.value = { pattern: 'error' }
    fixture.form.task = 'log.search'
    fixture.form.focus()
  })
  const pattern = page.getByRole('textbox', { name: 'Pattern' })
  await expect.poll(() => pattern.evaluate(isFocused)).toBe(true)
  expect(await pattern.inputValue()).toBe('error')
})

const endings = [
  [{ type: 'result', output: 1 }, 'success', 'Done.'],
  [
    { type: 'error', worker_id: 'w', error: { name: 'E', code: 'x', message: 'There is no "a"', retryable: false } },
    'danger',
    'Failed: There is no "a".',
  ],
  [{ type: 'timed_out', timeout_ms: 30_000 }, 'danger', 'Timed out: no outcome within 30 s.'],
  [{ type: 'cancelled', reason: 'no need' }, 'neutral', 'Cancelled: no need.'],
] as const

for (const [outcome, tone, text] of endings) {
  test(`once the job has ended it says so, announced once: ${text}`, async () => {
    await using tab = await show('thumbnail')
    const { page } = tab
    await page.evaluate(() => {
      fixture.form.value = { path: 'a' }
    })
    await submit(tab)
    await page.getByText('Dispatched to one worker.').waitFor()
    await page.evaluate(() => {
      const said: string[] = []
      Object.assign(globalThis, { said })
      const status = fixture.form.shadowRoot!.querySelector('[part="status"]')!
      const look = () => said.push(status.textContent!.replace(/\s+/g, ' ').trim())
      new MutationObserver(look).observe(status, { childList: true, characterData: true, subtree: true })
    })
    await page.evaluate(ended => fixture.end(ended), outcome)
    await page.getByText(text).waitFor()
    // The same again is no news.
    await page.evaluate(ended => fixture.end(ended), outcome)
    await page.evaluate(() => fixture.form.updateComplete)
    const said = await page.evaluate(() => (globalThis as unknown as { said: string[] }).said)
    expect(new Set(said).size).toBe(1)
    const note = page.locator('drover-form [part="status"] [part="note"]')
    expect(await note.getAttribute('data-tone')).toBe(tone)
    expect(await note.getByRole('button', { name: /^Job / }).count()).toBe(1)
    await tab.expectAccessible()
  })
}

test('in a page that reads right to left, English text keeps its order', async () => {
  await using tab = await show('thumbnail', { width: 390 })
  const { page } = tab
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl'
    fixture.form.value = { path: 'a' }
  })
  await submit(tab)
  // Where the first and the last character stand.
  const isLeftToRight = (one: HTMLElement | SVGElement) => {
    const range = document.createRange()
    const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT)
    let text: Text | undefined
    while (walker.nextNode()) if (walker.currentNode.textContent!.trim() !== '') text ??= walker.currentNode as Text
    const { data } = text!
    const leftAt = (at: number) => {
      range.setStart(text!, at)
      range.setEnd(text!, at + 1)
      return range.getBoundingClientRect().left
    }
    const trimmed = data.trim()
    const start = data.indexOf(trimmed)
    return leftAt(start) < leftAt(start + trimmed.length - 1)
  }
  for (const part of [
    page.getByText('Dispatched to one worker.'),
    page.getByText('3 workers'),
    page.getByText('16 – 1,024'),
  ])
    expect(await part.evaluate(isLeftToRight)).toBe(true)
})
