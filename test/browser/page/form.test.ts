/** The page's form in Chromium, against a real bridge and worker: who would answer, how it ended, and a job that is edited. */
import { defineTask, implement, type Worker } from 'drover/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import type {} from '../../../browser/master/master.ts'
import { type PageTestBed, startPageTestBed } from './test-bed.ts'

let site: PageTestBed
beforeAll(async () => {
  site = await startPageTestBed()
}, 60_000)
afterAll(() => site[Symbol.asyncDispose]())

const open = defineTask('test.open', { input: z.object({ path: z.string() }) })

function startOpener(): Promise<Worker> {
  const run = ({ path }: { path: string }) => {
    if (path !== 'dusk.jpg') throw new Error(`There is no "${path}"`)
    return path
  }
  return site.startWorker({ tasks: [implement(open, run)] })
}

test('how many would answer is known of the task that is chosen, and told when nobody is left', async () => {
  await using worker = await startOpener()
  await using tab = await site.signedIn({ width: 1440 })
  const form = tab.page.locator('drover-form')
  await form.getByRole('combobox', { name: 'Task' }).selectOption('test.open')
  await form.locator('[part="answers"]').getByText('1 worker', { exact: true }).waitFor()
  await worker[Symbol.asyncDispose]()
  await form.getByText('No worker of "test.open" is there now').waitFor()
  await form.getByText('no worker', { exact: true }).waitFor()
})

for (const width of [1440, 390]) {
  test(`a failure is told in the form, and its input edited and dispatched, ${width} px`, async () => {
    await using _worker = await startOpener()
    await using tab = await site.signedIn({ width, height: 844 })
    const { page } = tab
    const form = page.locator('drover-form')
    if (width < 1240) await page.getByRole('link', { name: 'Dispatch', exact: true }).click()
    await form.getByRole('combobox', { name: 'Task' }).selectOption('test.open')
    const path = form.locator('input[data-path="path"]')
    await path.fill('dawn.jpg')
    await form.getByRole('button', { name: 'Dispatch' }).click()
    await form.getByText('Failed: There is no "dawn.jpg".').waitFor({ state: 'attached' })
    // Somebody who has gone on to something else meanwhile.
    await path.evaluate((input: HTMLInputElement) => {
      input.value = 'noon.jpg'
      input.dispatchEvent(new Event('input'))
    })
    await page.locator('drover-job').getByRole('button', { name: 'Edit and dispatch' }).click()
    await expect.poll(() => path.evaluate(one => one.matches(':focus'))).toBe(true)
    expect(await path.inputValue()).toBe('dawn.jpg')
    await tab.expectAccessible()
    await path.fill('dusk.jpg')
    await page.keyboard.press('Enter')
    await form.getByText('Done.').waitFor({ state: 'attached' })
    await page.locator('drover-job').getByText('Done', { exact: true }).waitFor()
  })
}
