/** The page's link to one job: copied by who dispatched it, and opened in a browser in which nobody is signed in. */
import { defineTask, implement } from 'drover/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import type {} from '../../../browser/master/master.ts'
import { type PageTestBed, startPageTestBed } from './test-bed.ts'

let site: PageTestBed
const gate = Promise.withResolvers<void>()
beforeAll(async () => {
  site = await startPageTestBed()
  const gated = defineTask('test.gated', { input: z.object({ secret: z.string() }) })
  const run = async (_input: unknown, job: { progress(percent: number, message: string): void }) => {
    job.progress(40, 'almost half')
    await gate.promise
    return { answer: '<b>forty-two</b>' }
  }
  await site.startWorker({ tasks: [implement(gated, run)] })
})
afterAll(async () => {
  gate.resolve()
  await site[Symbol.asyncDispose]()
})

test('the link of a job shows how it goes to somebody who is not signed in, and nothing else', async () => {
  await using owner = await site.signedIn()
  await owner.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const { page } = owner
  const id = await page.evaluate(() => {
    const master = document.querySelector('drover-app')!.shadowRoot!.querySelector('drover-master')!.current!
    return master.dispatch('test.gated', { secret: 'a word of mine' }).request_id
  })
  await page.goto(`${site.bridge.url}/#/jobs/${id}`)
  await page.locator('drover-job').getByText('almost half').first().waitFor()
  await page.getByRole('button', { name: 'Copy link' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  await owner.expectAccessible()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(link).toMatch(new RegExp(`^${site.bridge.url}/#job=eyJ[\\w.-]+$`))

  await using stranger = await site.harness.open(link)
  const linked = stranger.page.locator('drover-linked-job')
  await linked.getByRole('heading', { name: 'test.gated' }).waitFor()
  await linked.getByText('almost half').first().waitFor()
  gate.resolve()
  await linked.getByText('<b>forty-two</b>').first().waitFor()
  await stranger.expectAccessible()
  expect(await stranger.page.getByRole('button', { name: /cancel|again|edit|sign out/i }).count()).toBe(0)
  expect(await linked.textContent()).not.toContain('a word of mine')
  expect(await stranger.page.locator('drover-master').count()).toBe(0)

  // The address is the link, so a reload shows it again; leaving it leads to the sign-in
  await stranger.page.reload()
  await linked.getByText('<b>forty-two</b>').first().waitFor()
  await stranger.page.goto(`${site.bridge.url}/#/jobs`)
  await stranger.page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor()
})

test('where the browser does not copy, the link is there to be selected, and belongs to its job alone', async () => {
  await using owner = await site.signedIn()
  const { page } = owner
  const [first, second] = await page.evaluate(() => {
    const master = document.querySelector('drover-app')!.shadowRoot!.querySelector('drover-master')!.current!
    navigator.clipboard.writeText = () => Promise.reject(new Error('not here'))
    return [1, 2].map(n => master.dispatch('test.nobody', { n }).request_id)
  })
  const show = (id: string) => page.goto(`${site.bridge.url}/#/jobs/${id}`)
  await show(first!)
  await page.getByRole('button', { name: 'Copy link' }).click()
  const copying = page.locator('drover-copy-link')
  await copying.locator('.note').getByText('Link could not be copied').waitFor()
  const link = await copying.getByText('#job=').textContent()
  expect(link).toMatch(new RegExp(`^${site.bridge.url}/#job=eyJ[\\w.-]+$`))
  await owner.expectAccessible()
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
  await show(second!)
  await page.locator('drover-job').getByText(second!).first().waitFor()
  expect(await copying.locator('.note, code').count()).toBe(0)
})

test('a link that is none, or has ended, says so', async () => {
  const allow = /401|WebSocket/
  await using tab = await site.harness.open(`${site.bridge.url}/#job=eyJhbGciOiJIUzI1NiJ9.e30.AAAA`, { allow })
  await tab.page.getByText('This token is no link to a job').waitFor()
  const job = { task: 'test.gated', request_id: crypto.randomUUID() }
  const payload = Buffer.from(JSON.stringify({ sub: 'foo', exp: 1, drover: { job } })).toString('base64url')
  await tab.page.goto(`${site.bridge.url}/#job=eyJhbGciOiJIUzI1NiJ9.${payload}.AAAA`)
  await tab.page.getByText('The token is refused').waitFor()
})
