/** The faults of a value, said by the form, by the master and by workers, each at its field. */
import { expect, test } from 'vitest'
import type { FormFixture } from '../fixtures/form.ts'
import { dispatched, setForm, submit } from './user.ts'

declare const fixture: FormFixture

const show = setForm()

test('native checks and ours are shown at their fields, the first is focused, and an edit takes one away', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.getByRole('spinbutton', { name: 'Width' }).fill('7')
  await submit(tab)
  const path = page.getByRole('textbox', { name: 'Path' })
  await expect.poll(() => path.evaluate(one => one.matches(':focus'))).toBe(true)
  expect(await path.getAttribute('aria-invalid')).toBe('true')
  expect(await page.locator('drover-form [part~="error"]').allInnerTexts()).toEqual([
    'Please fill out this field.',
    'Value must be greater than or equal to 16.',
  ])
  expect(await dispatched(tab)).toEqual([])
  await path.fill('x')
  expect(await path.getAttribute('aria-invalid')).toBe('false')
  expect(await page.locator('drover-form [part~="error"]').count()).toBe(1)
})

test('a missing value is said once a field', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.getByRole('button', { name: 'Add to Tags' }).click()
  await page.getByRole('button', { name: 'Add to Steps' }).click()
  await submit(tab)
  await page.locator('drover-form [part~="error"]').first().waitFor()
  const said = await page.evaluate(() =>
    [...fixture.form.shadowRoot!.querySelectorAll('[part~="error"]')].map(
      one => `${one.id}: ${one.textContent!.trim()}`,
    ),
  )
  expect(said.length).toBeGreaterThan(5)
  expect(new Set(said.map(one => one.split(': ')[0])).size).toBe(said.length)
  for (const one of said) expect(one).toMatch(/^field[^:]+:issue: Please fill out this field\.$/)
})

test('one field is checked when it is left, the others are not', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.getByText('Optional fields').click()
  await page.getByRole('textbox', { name: 'Code' }).fill('nope')
  await page.keyboard.press('Tab')
  await page.getByText('Expected the form ^[A-Z]{2}-\\d{3}$').waitFor()
  expect(await page.locator('drover-form [part~="error"]').count()).toBe(1)
  // Which could take years.
  await page.getByRole('textbox', { name: 'Risky' }).fill(`${'a'.repeat(60)}!`)
  await page.keyboard.press('Tab')
  expect(await page.locator('drover-form [part~="error"]').count()).toBe(1)
})

test("a worker's rejection is shown at its fields, and the first is focused", async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    fixture.form.value = { path: 'a', width: 20 }
  })
  await submit(tab)
  await page.getByText('Dispatched to one worker.').waitFor()
  await page.evaluate(() =>
    fixture.end({
      type: 'rejected',
      issues: [
        { path: 'width', message: 'wider than the picture' },
        { path: 'elsewhere.deep', message: 'is missing' },
      ],
    }),
  )
  await page.getByText('A worker rejected the input').waitFor()
  await page.getByText('wider than the picture').waitFor()
  await page.getByText('elsewhere.deep: is missing').waitFor()
  const width = page.getByRole('spinbutton', { name: 'Width' })
  await expect.poll(() => width.evaluate(one => one.matches(':focus'))).toBe(true)
  await tab.expectAccessible()
  await width.fill('30')
  expect(await page.getByText('wider than the picture').count()).toBe(0)
  await submit(tab)
  await page.getByText('Dispatched to one worker.').waitFor()
  expect(await page.getByText('is missing').count()).toBe(0)
})

test('a rejection does not call back a person who has gone on to something else', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    fixture.form.value = { path: 'a' }
    const other = document.createElement('input')
    other.setAttribute('aria-label', 'Elsewhere')
    document.querySelector('main')?.append(other)
  })
  await submit(tab)
  await page.getByLabel('Elsewhere').focus()
  await page.evaluate(() => fixture.end({ type: 'rejected', issues: [{ path: 'path', message: 'not there' }] }))
  await page.getByText('not there').waitFor()
  expect(await page.getByLabel('Elsewhere').evaluate(one => one === document.activeElement)).toBe(true)
})

test('workers that reject a broadcast are named', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    fixture.form.mode = 'topic'
    fixture.form.value = { path: 'a' }
  })
  await submit(tab)
  const issues = [{ path: 'path', message: 'not there' }]
  await page.evaluate(
    found =>
      fixture.end({ type: 'answered', missing: [] }, [
        { worker_id: 'w1', name: 'ada', outcome: { type: 'rejected', issues: found } },
      ]),
    issues,
  )
  await page.getByText('not there (ada)').waitFor()
})

test('how many errors are in folded fields is said where they are unfolded', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.evaluate(() => {
    fixture.form.value = { source: 'nowhere', code: 'nope', crop: { x: 1.5, y: 2 } }
  })
  await submit(tab)
  await page.locator('summary').getByText('3 errors').waitFor()
  // Others stand above it, so it stays folded.
  expect(await page.getByRole('textbox', { name: 'Code' }).isVisible()).toBe(false)
  await tab.expectAccessible()
  await page.getByText('Optional fields').click()
  await page.getByRole('textbox', { name: 'Code' }).fill('AB-123')
  await page.locator('summary').getByText('2 errors').waitFor()
})
