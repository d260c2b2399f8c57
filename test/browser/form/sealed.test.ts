/** `<drover-form>` on a master that seals: the keys that it names, and inputs that are too large once they are sealed. */
import { expect, test } from 'vitest'
import type { FormFixture } from '../fixtures/form.ts'
import { dispatched, setForm, submit } from './user.ts'

declare const fixture: FormFixture

const show = setForm()

test('of many keys three are named, and an input that is too large for a frame once it is sealed is not dispatched', async () => {
  await using tab = await show('thumbnail')
  const { page } = tab
  await page.evaluate(() => {
    const { master } = fixture
    const recipients = ['kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k', 'autumn', 'winter', 'spring', 'summer']
    master.seal = { recipients, problem: undefined, isUnkept: false }
    const { connection } = master
    if (connection.at !== 'open') throw new Error('expected a connection')
    fixture.connect({ ...connection, session: { ...connection.session, maxFrameBytes: 2000 } })
  })
  await page.getByText('Sealed for kPrK_qmxVW…, autumn, winter and 2 more').waitFor()
  const path = page.getByRole('textbox', { name: 'Path' })
  await path.fill('x'.repeat(900))
  await submit(tab)
  await page.getByText(/^This input is too large to be sent: sealed, it has at least 2,\d{3} bytes/).waitFor()
  expect(await dispatched(tab)).toEqual([])
  await tab.expectAccessible()
  await path.fill('cat.png')
  await submit(tab)
  expect(await dispatched(tab)).toHaveLength(1)
  expect(await page.getByText('too large to be sent').count()).toBe(0)
})
