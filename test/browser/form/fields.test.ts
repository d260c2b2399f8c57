/** Fields of every kind: a person's entry, as fields and as JSON, and the value that it makes. */
import { expect, test } from 'vitest'
import type { FormFixture } from '../fixtures/form.ts'
import { dispatched, setForm, submit, value } from './user.ts'

declare const fixture: FormFixture

const show = setForm()

for (const width of [320, 768, 1440]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every kind of field is accessible and fits, ${width} px, ${colorScheme}`, async () => {
      await using tab = await show('everything', { width, colorScheme, height: 900 })
      const { page } = tab
      await page.getByRole('button', { name: 'Add to Tags' }).click()
      await page.getByRole('button', { name: 'Add to Steps' }).click()
      await page.getByText('Optional fields').click()
      await tab.expectAccessible()
      await page.screenshot({ path: `.test-results/form-${width}-${colorScheme}.png`, fullPage: true })
      await submit(tab)
      await page.getByText('Fill', { exact: false }).first().waitFor()
      await tab.expectAccessible()
      await page.screenshot({ path: `.test-results/form-${width}-${colorScheme}-issues.png`, fullPage: true })
      await page.getByRole('button', { name: 'JSON', exact: true }).click()
      await page.getByRole('textbox', { name: /as JSON/ }).waitFor()
      await tab.expectAccessible()
      await page.screenshot({ path: `.test-results/form-${width}-${colorScheme}-json.png`, fullPage: true })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    })
  }
}

test('an optional choice with a default offers that once, and shows it as chosen', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    fixture.form.value = { path: 'a' }
  })
  const choice = page.getByRole('group', { name: /Format/ })
  expect(await choice.getByRole('radio').count()).toBe(3)
  expect(await choice.getByRole('radio', { name: 'webp' }).isChecked()).toBe(true)
  expect(await value(tab)).toEqual({ path: 'a' })
  await page.evaluate(() => {
    fixture.show({ type: 'object', properties: { size: { enum: ['1', '2', '3', '4', '5', '6'], default: '3' } } })
    fixture.form.value = {}
  })
  const select = page.getByRole('combobox', { name: 'Size' })
  expect(await select.evaluate((one: HTMLSelectElement) => [one.length, one.value])).toEqual([6, '2'])
})

test('half a number is not taken away while it is typed, nor sent', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  const width = page.getByRole('spinbutton', { name: 'Width' })
  await page.getByRole('textbox', { name: 'Path' }).fill('a')
  await width.fill('')
  await width.pressSequentially('1e')
  await submit(tab)
  await expect.poll(() => width.evaluate(one => one.matches(':focus'))).toBe(true)
  expect(await dispatched(tab)).toEqual([])
  await page.keyboard.press('End')
  await page.keyboard.type('2')
  expect(await value(tab)).toMatchObject({ width: 100 })
})

test('the JSON view has the same value both ways, and says where it is wrong', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.getByRole('textbox', { name: 'Path' }).fill('cat.png')
  await page.getByRole('button', { name: 'JSON', exact: true }).click()
  const json = page.getByRole('textbox', { name: /as JSON/ })
  expect(JSON.parse(await json.inputValue())).toEqual({ path: 'cat.png', width: 320, format: 'webp' })
  await json.fill('{\n  "path": "cat.png",\n  "width": nope\n}')
  await page.getByRole('button', { name: 'Line 3' }).waitFor()
  await tab.expectAccessible()
  await page.getByRole('button', { name: 'Fields' }).click()
  await expect.poll(() => json.evaluate(one => one.matches(':focus'))).toBe(true)
  expect(await json.evaluate((one: HTMLTextAreaElement) => one.value.slice(one.selectionStart, one.selectionEnd))).toBe(
    'n',
  )
  await json.fill('{\n  "path": "cat.png",\n  "width": 7\n}')
  await submit(tab)
  await page.getByText('width: Expected 16 at least.').waitFor()
  expect(await json.evaluate((one: HTMLTextAreaElement) => one.value.slice(one.selectionStart, one.selectionEnd))).toBe(
    '7',
  )
  await json.fill('{"path": "dog.png", "width": "wide", "extra": [1]}')
  await page.getByRole('button', { name: 'Fields' }).click()
  await page.getByText('Also in the JSON view: extra.').waitFor()
  // It does not fit its field, and is not lost.
  expect(await page.getByRole('textbox', { name: 'Width' }).inputValue()).toBe('"wide"')
  expect(await value(tab)).toEqual({ path: 'dog.png', width: 'wide', extra: [1] })
  await page.getByRole('textbox', { name: 'Width' }).fill('64')
  await page.keyboard.press('Tab')
  await page.getByRole('spinbutton', { name: 'Width' }).waitFor()
  expect(await value(tab)).toEqual({ path: 'dog.png', width: 64, extra: [1] })
})

test('a number that would change on the way, or a name that stands twice, is refused at its place', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.getByRole('button', { name: 'JSON', exact: true }).click()
  const json = page.getByRole('textbox', { name: /as JSON/ })
  const selected = () =>
    json.evaluate((one: HTMLTextAreaElement) => one.value.slice(one.selectionStart, one.selectionEnd))
  for (const [text, sentence, place] of [
    [
      '{"order_id":12345678901234567890,"big":9007199254740993}',
      'order_id: 12345678901234567890 would be sent as',
      '12345678901234567890',
    ],
    ['{"path":"a",\n"exp":1e400}', 'exp: 1e400 is larger than any number that can be sent', '1e400'],
    ['{"path":"a",\n"path":"b"}', 'path: this name stands twice in one object', '"path"'],
  ] as const) {
    await json.fill(text)
    await page.getByText(sentence).waitFor()
    await submit(tab)
    await expect.poll(selected).toBe(place)
    await page.getByRole('button', { name: 'Fields' }).click()
    expect(await json.inputValue()).toBe(text)
  }
  await tab.expectAccessible()
  expect(await dispatched(tab)).toEqual([])
})

test('a list is added to, put in order and taken from by keyboard', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.getByRole('textbox', { name: 'Tags 1' }).fill('a')
  const add = page.getByRole('button', { name: 'Add to Tags' })
  for (const text of ['b', 'c', 'd']) {
    await add.focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type(text)
  }
  const tags = async () => ((await value(tab)) as { tags: string[] }).tags
  expect([await tags(), await add.isDisabled()]).toEqual([['a', 'b', 'c', 'd'], true])
  await page.getByRole('button', { name: 'Move Tags 1 down' }).focus()
  // Announcements are rationed: the next move waits until this one has been told.
  for (const place of [1, 2, 3]) {
    await page.keyboard.press('Enter')
    await page.getByText(`Tags ${place} moved to place ${place + 1} of 4.`, { exact: true }).waitFor()
  }
  expect(await tags()).toEqual(['b', 'c', 'd', 'a'])
  await page.keyboard.press('Alt+ArrowUp')
  expect(await tags()).toEqual(['b', 'c', 'a', 'd'])
  await page.getByRole('button', { name: 'Remove Tags 2' }).focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  expect(await tags()).toEqual(['b', 'd'])
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  expect(await tags()).toEqual([])
  await expect.poll(() => add.evaluate(one => one.matches(':focus'))).toBe(true)
})

test('an optional value is added and removed, a null one gets a value, and one of several shapes is chosen', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.getByText('Optional fields').click()
  await page.getByRole('button', { name: 'Crop' }).click()
  await page.keyboard.type('3')
  expect(await value(tab)).toMatchObject({ crop: { x: 3 } })
  await page.getByRole('button', { name: 'Remove Crop' }).click()
  expect(await value(tab)).not.toHaveProperty('crop')
  expect(await value(tab)).toMatchObject({ limit: null, kind: 'report', target: { kind: 'folder' } })
  await page.getByRole('checkbox', { name: 'Limit: no value' }).uncheck()
  await page.keyboard.type('9')
  await page.getByRole('combobox', { name: 'Target: kind' }).selectOption('mail')
  await page.getByRole('textbox', { name: 'To' }).fill('ada@example.org')
  await page.getByRole('button', { name: 'Size' }).click()
  await page.getByRole('combobox', { name: 'Size: kind' }).selectOption('Whole number')
  await page.getByRole('spinbutton', { name: /Size/ }).fill('4')
  expect(await value(tab)).toMatchObject({ limit: 9, target: { kind: 'mail', to: 'ada@example.org' }, size: 4 })
  await tab.expectAccessible()
})

test('a field that becomes null, or has a value again, keeps the focus', async () => {
  await using tab = await show('everything')
  const { page } = tab
  const none = page.getByRole('checkbox', { name: 'Limit: no value' })
  await none.focus()
  await page.keyboard.press('Space')
  await page.keyboard.type('9')
  expect(await value(tab)).toMatchObject({ limit: 9 })
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await expect.poll(() => none.evaluate(one => one.matches(':focus') && one.matches(':checked'))).toBe(true)
  expect(await value(tab)).toMatchObject({ limit: null })
})

test('dates and times go in as a person has them and come out in UTC', async () => {
  await using tab = await show('everything')
  const { page } = tab
  await page.getByText('Optional fields').click()
  await page.getByLabel('Day').fill('2027-03-31')
  await page.getByLabel('At', { exact: true }).fill('09:30')
  await page.getByLabel('Begins at').fill('2027-03-31T09:30:00')
  const moment = await page.evaluate(() => new Date('2027-03-31T09:30:00').toISOString().replace('.000', ''))
  expect(await value(tab)).toMatchObject({ day: '2027-03-31', at: '09:30:00Z', begins_at: moment })
})

test('a key in one of many items renders that one, and the fault of another shows all the same', async () => {
  await using tab = await show(undefined)
  const { page } = tab
  await page.evaluate(() => {
    // Every item has an id of its own, and this makes it.
    const encode = globalThis.encodeURIComponent
    const counter = { made: 0 }
    globalThis.encodeURIComponent = text => {
      counter.made += 1
      return encode(text)
    }
    Object.assign(globalThis, { counter })
    fixture.show({ type: 'object', properties: { sizes: { type: 'array', items: { type: 'integer', maximum: 999 } } } })
    fixture.form.value = { sizes: Array.from({ length: 150 }, (_, i) => i) }
  })
  const sixth = page.getByRole('spinbutton', { name: 'Sizes 6', exact: true })
  await sixth.fill('7')
  const [all, one] = await sixth.evaluate(async (input: HTMLInputElement) => {
    const { counter } = globalThis as unknown as { counter: { made: number } }
    const all = counter.made
    counter.made = 0
    input.value = '77'
    input.dispatchEvent(new Event('input', { bubbles: true }))
    await fixture.form.updateComplete
    return [all, counter.made]
  })
  expect(all).toBeGreaterThan(150)
  expect(one).toBeLessThan(10)
  expect(await value(tab)).toMatchObject({ sizes: { 5: 77, 149: 149 } })
  await page.getByRole('spinbutton', { name: 'Sizes 7', exact: true }).fill('1000')
  await page.getByRole('spinbutton', { name: 'Sizes 9', exact: true }).fill('10')
  await page.getByText('Value must be less than or equal to 999.').waitFor()
  await page.getByRole('spinbutton', { name: 'Sizes 7', exact: true }).fill('100')
  await page.getByRole('spinbutton', { name: 'Sizes 9', exact: true }).fill('11')
  await page.getByRole('button', { name: 'Move Sizes 7 up' }).click()
  await page.getByRole('button', { name: 'Remove Sizes 1', exact: true }).click()
  await page.getByRole('spinbutton', { name: 'Sizes 149', exact: true }).fill('12')
  await expect.poll(() => value(tab)).toMatchObject({ sizes: { 0: 1, 4: 100, 5: 77, 7: 11, 148: 12 } })
})
