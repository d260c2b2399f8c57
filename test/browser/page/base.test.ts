/** The page of a bridge below a path, in Chromium, through a proxy that has another bridge at the same name. */
import type { RunningBridge } from 'drover/bridge'
import { defineTask, implement, startWorker } from 'drover/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { type ReverseProxy, startReverseProxy } from '../../support/reverse-proxy.ts'
import { startBridge } from '../test-bridge.ts'
import { type PageTestBed, signIn, startPageTestBed } from './test-bed.ts'

const stack = new AsyncDisposableStack()
let site: PageTestBed
let proxy: ReverseProxy
let [jobs, other]: RunningBridge[] = []
beforeAll(async () => {
  site = stack.use(await startPageTestBed())
  const behind: Readonly<Record<string, () => string>> = {
    '/drover': () => jobs!.url,
    '/more/drover': () => other!.url,
  }
  const target = (path: string) => Object.entries(behind).find(([base]) => path.startsWith(base))?.[1]()
  proxy = stack.use(await startReverseProxy(target))
  const hosts = [new URL(proxy.url).host]
  jobs = stack.use(await startBridge({ hosts, base: '/drover' }))
  other = stack.use(await startBridge({ hosts, base: '/more/drover' }))
}, 60_000)
afterAll(() => stack.disposeAsync())

test('a page below a path signs in, dispatches a job, and stays signed in at its own bridge alone', async () => {
  const upper = defineTask('text.upper', { input: z.object({ text: z.string() }) })
  await using _worker = await startWorker({
    url: `${proxy.url.replace('http', 'ws')}/drover/stomp`.replace('://', '://foo:bar@'),
    tasks: [implement(upper, ({ text }) => text.toUpperCase())],
    signals: false,
  })
  await using tab = await site.harness.open(`${proxy.url}/drover`, { width: 1440, reducedMotion: true, allow: /401/ })
  const { page, context } = tab
  const asked: string[] = []
  page.on('request', request => void asked.push(new URL(request.url()).pathname))
  await signIn(page)
  await page.getByText('Connected', { exact: true }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/drover/')
  const form = page.locator('drover-form')
  await form.getByRole('combobox', { name: 'Task' }).selectOption('text.upper')
  await form.locator('input[data-path="text"]').fill('quiet')
  await form.getByRole('button', { name: 'Dispatch' }).click()
  await form.getByText('Done.').waitFor({ state: 'attached' })
  await page.locator('drover-job').getByText('QUIET').first().waitFor()

  await page.reload()
  await page.getByText('Connected', { exact: true }).waitFor()
  expect(asked.filter(path => !path.startsWith('/drover/'))).toEqual([])
  await using elsewhere = await site.harness.open(`${proxy.url}/more/drover/`, { context, allow: /401/ })
  await elsewhere.page.getByLabel('Password').waitFor()
  expect(
    await elsewhere.page.evaluate(() => Object.keys(localStorage).filter(key => key.includes('signed in'))),
  ).toEqual(['drover signed in/drover'])
})

test('the widgets of a bridge below a path find their modules and its WebSocket', async () => {
  // A page of the same name without a policy of its own
  await using tab = await site.harness.open(`${proxy.url}/drover/health`, { allow: /favicon|404/ })
  await tab.page.evaluate(`import('/drover/drover.js').then(() => {
    document.body.innerHTML = '<drover-master url="stomp"><drover-workers></drover-workers></drover-master>'
    document.querySelector('drover-master').token = async () => {
      const headers = { authorization: 'Basic ' + btoa('foo:bar') }
      return (await (await fetch('token', { method: 'POST', headers })).json()).token
    }
  })`)
  await tab.page.getByText('No worker is there').waitFor()
})

test('the sign-in link has the path, and so has the command for a worker', async () => {
  await using own = await startBridge({ base: '/drover' })
  expect(own.signInUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/drover\/#sign-in=/)
  await using tab = await site.harness.open(own.signInUrl!)
  await tab.page.getByText('No worker is there').waitFor()
  const { host } = new URL(own.url)
  await tab.page.getByText(`--url ws://foo:bar@${host}/drover/stomp`).waitFor()
})
