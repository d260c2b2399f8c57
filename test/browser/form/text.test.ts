/** Text and numbers as people have them: addresses beyond ASCII, a default that is taken away, bounds that say something. */
import { expect, test } from 'vitest'
import type { FormFixture } from '../fixtures/form.ts'
import { dispatched, setForm, submit, value } from './user.ts'

declare const fixture: FormFixture

const show = setForm()

test('an email address may have any letters; one without a place is told of the missing part', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() =>
    fixture.show({ type: 'object', properties: { owner: { type: 'string', format: 'email' } }, required: ['owner'] }),
  )
  const owner = page.getByRole('textbox', { name: 'Owner' })
  for (const wrong of ['ö', 'ö@', '@b.example', 'a b@b.example', 'a@b@c.example']) {
    await owner.fill(wrong)
    await submit(tab)
    await page.getByText('Expected an email address, such as ada@example.org.').waitFor()
  }
  const right = ['ö@b.example', 'ada@example.org', 'ada+drover@localhost', '测试@例子.测试', '"a b"@b.example']
  for (const address of right) {
    await owner.fill(address)
    await submit(tab)
    await expect
      .poll(async () => (await dispatched(tab)).at(-1)?.input, { message: address })
      .toEqual({ owner: address })
  }
  expect(await owner.getAttribute('inputmode')).toBe('email')
})

test('a default that a person takes away is sent empty, where empty is allowed', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  const text = (more: object) => ({ type: 'string', default: 'dusk', ...more })
  await page.evaluate(properties => fixture.show({ type: 'object', properties }), {
    free: text({}),
    long: text({ maxLength: 5000 }),
    least: text({ minLength: 1 }),
    plain: { type: 'string' },
  })
  // Announced tasks are looked at once a frame
  await expect.poll(() => value(tab)).toEqual({ free: 'dusk', long: 'dusk', least: 'dusk' })
  for (const name of ['Free', 'Long', 'Least', 'Plain']) {
    const field = page.getByRole('textbox', { name })
    await field.fill('x')
    await field.fill('')
  }
  expect(await value(tab)).toEqual({ free: '', long: '' })
  expect(await page.getByRole('textbox', { name: 'Free' }).getAttribute('placeholder')).toBe('')
  await submit(tab)
  await expect.poll(async () => (await dispatched(tab)).at(-1)?.input).toEqual({ free: '', long: '' })
})

test('where a type of number ends is no hint, and still a bound', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  const integer = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum })
  await page.evaluate(properties => fixture.show({ type: 'object', properties, required: Object.keys(properties) }), {
    int32: integer(-(2 ** 31), 2 ** 31 - 1),
    uint32: integer(0, 2 ** 32 - 1),
    float32: { type: 'number', minimum: -3.4028234663852886e38, maximum: 3.4028234663852886e38 },
    percent: integer(0, 100),
  })
  await page.getByRole('spinbutton', { name: 'Percent' }).waitFor()
  expect(await page.locator('.head .hint').allTextContents()).toEqual(['from 0', '0 – 100'])
  await page.getByRole('spinbutton', { name: 'Int32', exact: true }).fill('2147483648')
  await submit(tab)
  await expect
    .poll(() => page.getByRole('spinbutton', { name: 'Int32', exact: true }).getAttribute('aria-invalid'))
    .toBe('true')
})
