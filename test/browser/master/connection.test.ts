/** The words and actions of `<drover-master>` about its connection: tokens, origins, addresses. */
import { mintToken } from 'drover/bridge'
import { expect, test } from 'vitest'
import { everything, startBridge } from '../test-bridge.ts'
import { masterId, secret, tabsWithMaster } from './tabs.ts'

const tabs = tabsWithMaster()

test('a token address that refuses is told, and when it gives one the connection comes', async () => {
  let isSignedIn = false
  const context = await tabs.harness.browser.newContext()
  await using tab = await tabs.open({
    context,
    allow: /status of 401/,
    token: async () => {
      if (!isSignedIn) return { status: 401, body: '{}' }
      // As text, which will do too
      return { status: 200, body: await mintToken({ secret, sub: 'foo', grants: everything, expiresInMs: 60_000 }) }
    },
  })
  await tab.page.getByText('You are not signed in, or your sign-in has ended. Sign in again to go on.').waitFor()
  isSignedIn = true
  await masterId(tab.page)
  await tab.page.getByText('You are not signed in').waitFor({ state: 'hidden' })
  await context.close()
})

test('a site that the bridge does not list is told so, with the option that allows it; once it is listed the connection comes', async () => {
  const own = { secret, port: 0 }
  const first = await startBridge(own)
  const query = { url: `${first.url.replace('http', 'ws')}/stomp` }
  // 426 where the bridge comes up between a WebSocket that did not open and the question why
  const allow = /WebSocket connection to|status of (403|426)|ERR_CONNECTION_(REFUSED|RESET)/
  await using tab = await tabs.open({ query, allow })
  const line = tab.page.locator('drover-master')
  await line.getByText(`its operator has to start it with --origin ${tabs.harness.url}`).waitFor()
  await tab.expectAccessible()
  await first.close()
  await line.getByText('The bridge does not answer').waitFor({ timeout: 20_000 })
  await using _listed = await startBridge({ ...own, port: first.port, origins: [tabs.harness.url] })
  await masterId(tab.page)
  await line.getByText('The bridge').waitFor({ state: 'hidden' })
})

test('another address makes another master; taking it out of the page ends its connection', async () => {
  await using tab = await tabs.open()
  await masterId(tab.page)
  const ended = await tab.page.evaluate(async () => {
    const element = document.querySelector('drover-master')!
    const first = element.current!
    const told = new Promise(resolve => element.addEventListener('drover-master', resolve, { once: true }))
    element.url = `${element.url}?again`
    await told
    element.remove()
    while (first.connection.at !== 'closed') await new Promise(resolve => first.onChange(resolve))
    return { first: first.connection.at, current: element.current === undefined }
  })
  expect(ended).toEqual({ first: 'closed', current: true })
})

test('a first connection is told of after a second, by the clock of a master that was given', async () => {
  await using tab = await tabs.open({ query: { url: '' } })
  const hidden = await tab.page.evaluate(async () => {
    let reading = -1e9 // a steady clock may begin anywhere
    const clock = { now: () => Date.now(), steady: () => reading, timer: () => () => {} }
    const given = { clock, connection: { at: 'connecting' }, jobs: new Map(), outboxSize: 0, onChange: () => () => {} }
    const element = document.createElement('drover-master')
    element.master = given as unknown as NonNullable<typeof element.master>
    document.body.append(element)
    const isHidden = async (): Promise<boolean> => {
      element.requestUpdate()
      await element.updateComplete
      return element.shadowRoot!.querySelector('.note')!.matches('[hidden]')
    }
    const found = [await isHidden()]
    reading += 999
    found.push(await isHidden())
    reading += 1
    return [...found, await isHidden()]
  })
  expect(hidden).toEqual([true, true, false])
})
