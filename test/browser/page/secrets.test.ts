/** A secret of an input at the page, with a real bridge and worker: only the worker gets to see it. */
import { readFileSync } from 'node:fs'
import { defineTask, implement } from 'drover/worker'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { dispatch, openJob, rowOf, tabOf, untilState } from '../flows/user.ts'
import { type PageTestBed, startPageTestBed } from './test-bed.ts'

const announced = JSON.parse(readFileSync('test/cases/inputs/C08.json', 'utf8')) as Record<string, unknown>
const got: unknown[] = []
/** As validators do that repeat the given value. */
const checked = z.looseObject({ snmp_community: z.unknown() }).superRefine(({ snmp_community: given }, context) => {
  if (String(given).includes(' ')) context.addIssue(`snmp_community must be one word (was ${JSON.stringify(given)})`)
})
const poll = defineTask('snmp.poll', { input: checked, inputJsonSchema: announced })

let site: PageTestBed
beforeAll(async () => {
  site = await startPageTestBed()
  const run = implement(poll, input => {
    got.push(input)
    return 'polled'
  })
  await site.startWorker({ tasks: [run] })
})
afterAll(() => site[Symbol.asyncDispose]())

/** Everything that the page shows, says in attributes, and has stored, as one text. */
const everythingOf = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const said: string[] = [document.title, location.href, JSON.stringify({ ...localStorage, ...sessionStorage })]
    const look = (root: Node): void => {
      if (root instanceof Element) said.push(...Array.from(root.attributes, ({ value }) => value))
      if (root instanceof Text) said.push(root.data)
      for (const node of root.childNodes) look(node)
      if (root instanceof Element && root.shadowRoot !== null) look(root.shadowRoot)
    }
    look(document)
    const result = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error!)
      })
    for (const { name } of await indexedDB.databases()) {
      const db = await result(indexedDB.open(name!))
      for (const store of db.objectStoreNames) {
        const records = db.transaction(store).objectStore(store)
        said.push(JSON.stringify([await result(records.getAllKeys()), await result(records.getAll())]))
      }
      db.close()
    }
    return said.join('\n')
  })

const input = (page: Page) => page.locator('drover-form input[data-path="snmp_community"]')

test('only the worker sees a secret; it is neither shown nor stored, and asked for anew', async () => {
  await using tab = await site.signedIn({ width: 1440, height: 900 })
  const { page } = tab
  const wish = { task: 'snmp.poll', fields: { Host: 'sw1', 'Snmp community': 'hunter2' } }
  const id = await dispatch(page, wish)
  await untilState(page, id, 'Done')
  expect(got).toEqual([{ host: 'sw1', snmp_community: 'hunter2' }])
  for (const name of ['Input', 'Replies', 'Log', 'Outcome']) {
    await (await tabOf(page, name)).waitFor()
    const everything = await everythingOf(page)
    expect(everything, name).toContain('sw1')
    expect(everything, name).not.toContain('hunter2')
  }
  await (await tabOf(page, 'Input')).getByText('sw1').waitFor()
  await page.screenshot({ path: '.test-results/secret-input.png' })
  const find = page.getByRole('searchbox')
  await find.fill('sw1')
  await rowOf(page, id).waitFor()
  await find.fill('hunter2')
  await page.getByText('No job matches').waitFor()
  await find.fill('')
  await rowOf(page, id).waitFor()
  await page.reload()
  await openJob(page).getByText(id).waitFor()
  expect(await everythingOf(page)).not.toContain('hunter2')
  for (const [ask, secret] of [
    ['Dispatch again', 'hunter3'],
    ['Edit', 'hunter4'],
  ] as const) {
    await openJob(page).getByRole('button', { name: ask }).click()
    await expect.poll(() => page.locator('drover-form').getByLabel('Host', { exact: true }).inputValue()).toBe('sw1')
    expect(await input(page).inputValue(), ask).toBe('')
    await page.locator('drover-form').getByRole('button', { name: 'Dispatch', exact: true }).click()
    await expect.poll(() => input(page).evaluate(one => one.matches(':focus'))).toBe(true)
    expect(
      await page.evaluate(
        () => document.querySelector('drover-app')!.shadowRoot!.querySelector('drover-master')!.current!.jobs.size,
      ),
    ).toBe(got.length)
    const again = await dispatch(page, { ...wish, fields: { 'Snmp community': secret } })
    await untilState(page, again, 'Done')
    expect(got.at(-1)).toEqual({ host: 'sw1', snmp_community: secret })
    expect(await everythingOf(page)).not.toContain(secret)
  }
})

test('a rejection that quotes a secret is shown and stored without it', async () => {
  await using tab = await site.signedIn({ width: 1440, height: 900 })
  const { page } = tab
  const id = await dispatch(page, { task: 'snmp.poll', fields: { Host: 'sw2', 'Snmp community': 'two "hunters"' } })
  await untilState(page, id, 'Rejected')
  await openJob(page).getByText('snmp_community must be one word (was "••••••")').first().waitFor()
  expect(await everythingOf(page)).not.toContain('hunters')
})
