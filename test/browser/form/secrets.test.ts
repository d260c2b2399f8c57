import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { FormFixture } from '../fixtures/form.ts'

declare const fixture: FormFixture
const open = tabsWith('form')
const schema = JSON.parse(readFileSync('test/cases/inputs/C08.json', 'utf8')) as unknown

test('a password is typed unseen, and a double click, Enter twice and Enter held dispatch once each', async () => {
  await using tab = await open()
  const { page } = tab
  await page.evaluate(given => {
    fixture.open()
    fixture.show(given)
  }, schema)
  const secret = page.locator('input[data-path="snmp_community"]')
  await secret.fill('hunter2')
  expect(await secret.getAttribute('type')).toBe('password')
  const count = () => page.evaluate(() => fixture.dispatched.length)
  await page.getByRole('button', { name: 'Dispatch', exact: true }).dblclick()
  expect(await count()).toBe(1)
  await secret.fill('hunter3')
  await secret.press('Enter')
  await secret.press('Enter')
  expect(await count()).toBe(2)
  await secret.fill('hunter4')
  for (let n = 0; n < 12; n++) await page.keyboard.down('Enter')
  await page.keyboard.up('Enter')
  expect(await count()).toBe(3)
  await tab.expectAccessible()
})
