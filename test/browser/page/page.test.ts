/** The page at `/` in Chromium, against a real bridge: signing in, and the sentences when something is wrong. */

import type { RunningBridge } from 'drover/bridge'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type {} from '../../../browser/master/master.ts'
import { connectRaw } from '../../support/raw-stomp.ts'
import { away } from '../flows/user.ts'
import type { Harness } from '../harness.ts'
import { startBridge } from '../test-bridge.ts'
import { type PageTestBed, signIn, startPageTestBed } from './test-bed.ts'

let site: PageTestBed
let harness: Harness
let bridge: RunningBridge
beforeAll(async () => {
  site = await startPageTestBed()
  ;({ harness, bridge } = site)
})
afterAll(() => site[Symbol.asyncDispose]())

const unauthorized = /status of 401/

test('served files are compressed, and the packages as they are published for use, also when a test built it', async () => {
  const page = await (await fetch(bridge.url)).text()
  const scripts = [...page.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, src]) => src!)
  expect(scripts).toHaveLength(1)
  for (const path of [...scripts, '/drover.all.js']) {
    const response = await fetch(new URL(path, bridge.url), { headers: { 'accept-encoding': 'gzip' } })
    expect(response.headers.get('content-encoding'), path).toBe('gzip')
    const code = await response.text()
    expect(Number(response.headers.get('content-length')), path).toBeLessThan(code.length / 2)
    expect(code, path).toContain('drover-master')
    expect(code, path).not.toContain('Lit is in dev mode')
  }
})

test('the sign-in link signs in once, leaves the address bar, and the sign-in survives a reload', async () => {
  await using own = await startBridge()
  await using tab = await harness.open(own.signInUrl!)
  await tab.page.getByText('Connected').waitFor()
  expect(new URL(tab.page.url()).hash).toBe('#/jobs')
  await tab.page.reload()
  await tab.page.getByText('Connected').waitFor()
  // A second person with the same link is told why it does not work.
  await using other = await harness.open(own.signInUrl!, { allow: unauthorized })
  await other.page.getByRole('alert').getByText('it was used already').waitFor()
  await other.expectAccessible()
})

test('a password signs in, a wrong one is told, signing out forgets the browser', async () => {
  await using tab = await harness.open(bridge.url, { allow: unauthorized })
  await signIn(tab.page, 'wrong')
  await tab.page.getByText('This login and password do not fit').waitFor()
  await tab.expectAccessible()
  expect(
    await tab.page.evaluate(() =>
      document.activeElement?.shadowRoot?.activeElement?.shadowRoot?.activeElement?.getAttribute('name'),
    ),
  ).toBe('password')
  await signIn(tab.page)
  await tab.page.getByText('Connected').waitFor()
  await tab.expectAccessible()
  await tab.page.getByRole('button', { name: 'Sign out' }).click()
  await tab.page.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }).click()
  await tab.page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor()
  await tab.page.reload()
  await tab.page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor()
})

test('the password that everybody knows is told where it is in force, and a sign-in link where there is one', async () => {
  await using tab = await harness.open(bridge.url)
  await tab.page.getByText('the login is foo and the password bar').waitFor()
  await tab.page.getByText('Or open the sign-in link').waitFor()
  await tab.expectAccessible()
  await using own = await startBridge({ password: 'my own', withLink: false })
  await using other = await harness.open(own.url)
  const said = () =>
    other.page.evaluate(() => {
      const form = document.querySelector('drover-app')?.shadowRoot?.querySelector('drover-sign-in')
      return (form as { ways?: unknown } | null | undefined)?.ways
    })
  await expect.poll(said).toEqual({ sign_in_link: false, default_password: false })
  expect(await other.page.getByText('foo').count()).toBe(0)
  expect(await other.page.getByText('sign-in link').count()).toBe(0)
})

test('an address of a job survives the reload', async () => {
  await using tab = await harness.open(`${bridge.url}/#/jobs/3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11`, { width: 390 })
  await signIn(tab.page)
  await tab.page.getByRole('link', { name: 'All jobs' }).waitFor()
  await tab.page.reload()
  await tab.page.getByRole('link', { name: 'All jobs' }).click()
  expect(new URL(tab.page.url()).hash).toBe('#/jobs')
})

test('a bridge that goes away is told, and so is its return', async () => {
  const first = await startBridge()
  await using tab = await harness.open(first.url, { allow: away })
  await signIn(tab.page)
  await tab.page.getByText('Connected').waitFor()
  await first.close()
  await tab.page.getByText('Nothing is lost').first().waitFor()
  await tab.expectAccessible()
  await using _second = await startBridge({ port: first.port })
  await tab.page.getByText('Connected').waitFor({ timeout: 25_000 })
  await tab.page.getByText('Nothing is lost').first().waitFor({ state: 'hidden' })
})

test('a sign-in that a restarted bridge does not know any more asks for another', async () => {
  const first = await startBridge()
  await using tab = await harness.open(first.url, {
    allow: new RegExp(`${unauthorized.source}|${away.source}`),
  })
  await signIn(tab.page)
  await tab.page.getByText('Connected').waitFor()
  await first.close()
  await using _second = await startBridge({ port: first.port, secret: 'another secret that is long enough 0123' })
  await tab.page.getByText('Your sign-in has ended').waitFor({ timeout: 25_000 })
  await signIn(tab.page)
  await tab.page.getByText('Connected').waitFor()
})

test('who may dispatch nothing is told which grant to ask for', async () => {
  await using own = await startBridge({ grants: { ns: 'myapp' } })
  await using tab = await harness.open(own.url)
  await signIn(tab.page)
  await tab.page.getByText('ask the operator of the bridge for a "dispatch" or "broadcast" grant').waitFor()
})

test('with no worker the page shows the command that starts one', async () => {
  await using tab = await harness.open(bridge.url, { reducedMotion: true })
  await signIn(tab.page)
  await tab.page.getByText('No worker is there').waitFor({ timeout: 20_000 })
  await tab.page.getByText('npx drover worker').waitFor()
  await tab.page.evaluate(() => {
    const app = document.querySelector('drover-app')?.shadowRoot?.querySelector('drover-master')
    app?.current?.dispatch('image.thumbnail', {})
  })
  await tab.page.getByText('No worker is connected').waitFor()
  await tab.page.getByText('npx drover worker').waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 768, 1440]) {
      await tab.page.setViewportSize({ width, height: 800 })
      await tab.page.emulateMedia({ colorScheme })
      await tab.expectAccessible()
      expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      await tab.page.screenshot({ path: `.test-results/page-${colorScheme}-${width}.png` })
    }
  }
})

test('messages that could not be read are counted in the header, and why is said there', async () => {
  await using tab = await site.signedIn()
  await using raw = await connectRaw(bridge.stompUrl!.replace('://', '://foo:bar@'))
  const masterId = await tab.page.evaluate(() => {
    const holder = document.querySelector('drover-app')?.shadowRoot?.querySelector('drover-master')
    return holder?.current?.masterId
  })
  const destination = `/queue/myapp.reply.foo.${masterId}`
  await raw.confirmed('SEND', { destination }, '{')
  await tab.page.getByText('1 message could not be read').waitFor()
  await raw.confirmed('SEND', { destination }, '{')
  const said = tab.page.getByText('2 messages could not be read')
  await said.waitFor()
  expect(await said.getAttribute('title')).toContain('2 named no job or were broken')
  await tab.expectAccessible()
})
