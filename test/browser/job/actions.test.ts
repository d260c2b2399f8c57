/** A person's actions on the job in `<drover-job>`: cancel, edit, dispatch again, copy. */
import { expect, test } from 'vitest'
import { tabsWith } from '../fixture-tabs.ts'
import type { JobFixture } from '../fixtures/job.ts'

/** In the page. */
declare const fixture: JobFixture

const open = tabsWith('job')

test('cancelling a run is asked for twice, dispatching again shows the new job, the id can be copied', async () => {
  await using tab = await open()
  await tab.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await tab.page.evaluate(() => fixture.show(fixture.job({ phase: { at: 'running', since: 0 } })))
  await tab.page.getByRole('button', { name: 'Cancel' }).click()
  await tab.page.getByRole('status').filter({ hasText: 'Press once more to cancel image.thumbnail' }).waitFor()
  expect(await tab.page.evaluate(() => fixture.master.asked)).toEqual([])
  await tab.expectAccessible()
  await tab.page.getByRole('button', { name: 'Copy the id' }).focus()
  await tab.page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await tab.page.getByRole('button', { name: 'Really cancel' }).click()
  const [id] = await tab.page.evaluate(() => [...fixture.master.jobs.keys()])
  expect(await tab.page.evaluate(() => fixture.master.asked)).toEqual([`cancel ${id}`])
  await tab.page.evaluate(() => {
    const [job] = [...fixture.master.jobs.values()]
    fixture.master.set({ ...job!, phase: { at: 'cancelling', since: 0, asked: true } })
  })
  const cancel = tab.page.locator('[part~=cancel][aria-disabled=true]')
  await cancel.click({ force: true })
  expect(await tab.page.evaluate(() => fixture.master.asked.length)).toBe(1)
  await tab.page.getByRole('button', { name: 'Copy the id' }).click()
  await tab.page.getByRole('status').filter({ hasText: 'Id copied.' }).waitFor()
  expect(await tab.page.evaluate(() => navigator.clipboard.readText())).toBe(id)
  await tab.page.getByRole('button', { name: 'Copy the id' }).click()
  const path = () => tab.page.getByRole('button', { name: 'Copy the id' }).locator('path').first().getAttribute('d')
  await expect.poll(path, { message: 'a tick shows in the button' }).toBe('m3 8.6 3.2 3.2L13 4.6')
  await expect.poll(path, { message: 'and goes again' }).not.toBe('m3 8.6 3.2 3.2L13 4.6')
  await tab.page.getByRole('tab', { name: 'Input' }).click()
  await tab.page.getByRole('button', { name: 'Copy input' }).click()
  await tab.page.getByText('Copied', { exact: true }).waitFor()
  await tab.page.getByRole('button', { name: 'Dispatch again' }).click()
  const [, again] = await tab.page.evaluate(() => [...fixture.master.jobs.keys()])
  expect(await tab.page.evaluate(() => fixture.selected)).toEqual([`job ${again}`])
  await tab.page.evaluate(() => void Object.assign(fixture.master, { refuses: 'this master was disposed' }))
  // A press right after is the second of a double click; later it is meant
  await tab.page.getByRole('button', { name: 'Dispatch again' }).click()
  expect(await tab.page.evaluate(() => fixture.master.jobs.size)).toBe(2)
  await tab.page.evaluate(() => {
    const { now } = performance
    performance.now = () => now.call(performance) + 1000
  })
  await tab.page.getByRole('button', { name: 'Dispatch again' }).click()
  await tab.page.getByText('Not dispatched. this master was disposed').waitFor()
})

test('a job that waits is cancelled at once', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => fixture.show(fixture.job()))
  await tab.page.getByRole('button', { name: 'Cancel' }).click()
  expect(await tab.page.evaluate(() => fixture.master.asked.length)).toBe(1)
})

test('where the page around can, it is asked to edit and dispatch', async () => {
  await using tab = await open({ width: 320 })
  await tab.page.evaluate(() => fixture.show(fixture.job({ mode: 'topic', phase: { at: 'running', since: 0 } })))
  const edit = tab.page.getByRole('button', { name: 'Edit and dispatch' })
  await tab.page.getByRole('button', { name: 'Dispatch again' }).waitFor()
  expect(await edit.count()).toBe(0)
  await tab.page.evaluate(() => fixture.view.setAttribute('can-edit', ''))
  const asked = tab.page.evaluate(
    () =>
      new Promise(resolve =>
        document.addEventListener('drover-edit', ({ task, input, mode }) => resolve({ task, input, mode })),
      ),
  )
  await edit.click()
  expect(await asked).toEqual({
    task: 'image.thumbnail',
    input: { path: 'pictures/dusk.jpg', width: 320 },
    mode: 'topic',
  })
  await tab.expectAccessible()
  expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
})

test('a clipboard that is denied is said to be so', async () => {
  await using tab = await open()
  await tab.page.evaluate(() => {
    fixture.show(fixture.job())
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error('denied')) } })
  })
  await tab.page.getByRole('button', { name: 'Copy the id' }).click()
  await tab.page.getByRole('status').filter({ hasText: 'Id could not be copied' }).waitFor()
  const seen = tab.page.locator('.note', { hasText: 'Id could not be copied' })
  expect(await seen.boundingBox()).toMatchObject({ height: expect.toSatisfy((px: number) => px > 15) })
  await tab.expectAccessible()
})

test('a job that waits for a connection says how it leaves, and whether a reload would be its end', async () => {
  await using tab = await open()
  const show = (secrets?: [string][]) =>
    tab.page.evaluate(secrets => {
      const state = fixture.job({ phase: { at: 'unsent', tried: false }, ...(secrets && { secrets }) })
      fixture.show(state)
    }, secrets)
  await show()
  await tab.page.getByText('It is kept, and leaves by itself.').waitFor()
  await show([['password']])
  await tab.page.getByText('once this page is closed or reloaded, the job cannot be sent').waitFor()
  expect(await tab.page.getByText('It is kept').count()).toBe(0)
})
