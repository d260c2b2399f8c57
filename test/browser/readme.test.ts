/** README's block of a page, on a site of its own, with a bridge and a worker behind it. */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { RunningBridge } from 'drover/bridge'
import { startWorker } from 'drover/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import imageThumbnail from '../../examples/tasks/image-thumbnail.ts'
import { refreshBrowser } from '../../scripts/build/browser.ts'
import { blocksOf } from '../../scripts/check/blocks.ts'
import { freePorts } from '../support/free-ports.ts'
import { type Harness, startHarness } from './harness.ts'
import { startBridge } from './test-bridge.ts'

const stack = new AsyncDisposableStack()
let harness: Harness
let origin: string
beforeAll(async () => {
  await refreshBrowser(process.cwd())
  harness = stack.use(await startHarness())
  const [port = 0] = await freePorts(1)
  origin = `http://127.0.0.1:${port}`
  const bridge = stack.use(await startBridge({ origins: [origin] }))
  const url = bridge.stompUrl!.replace('://', '://foo:bar@')
  stack.use(await startWorker({ url, tasks: [imageThumbnail], signals: false }))
  const site = serveBlock(bridge)
  stack.defer(() => {
    site.closeAllConnections()
    site.close()
  })
  await new Promise<void>(listening => site.listen(port, '127.0.0.1', listening))
}, 60_000)
afterAll(() => stack.disposeAsync())

test('the page that README has in its block dispatches a job and shows it', async () => {
  await using tab = await harness.open(origin)
  await tab.page.getByLabel('Path').fill('pictures/dusk.jpg')
  await tab.page.locator('drover-form').getByRole('button', { name: 'Dispatch' }).click()
  await tab.page.locator('drover-jobs').getByRole('row').getByText('Done', { exact: true }).waitFor()
  await tab.expectAccessible()
})

/** Only where the bridge is differs from README. */
function serveBlock(bridge: RunningBridge): Server {
  const blocks = blocksOf(readFileSync('README.md', 'utf8')).filter(({ language }) => language === 'html')
  expect(blocks).toHaveLength(1)
  const [{ text } = { text: '' }] = blocks
  const body = text
    .replaceAll('https://jobs.example', bridge.url)
    .replaceAll('wss://jobs.example', bridge.url.replace('http', 'ws'))
  const page = `<!doctype html><html lang="en"><title>README</title><link rel="icon" href="data:,"><main><h1>README</h1>${body}</main>`
  return createServer((request, response) => {
    const isToken = request.url === '/my-own-token'
    response.setHeader('content-type', isToken ? 'application/json' : 'text/html; charset=utf-8')
    if (!isToken) response.end(page)
    else
      fetchToken(bridge).then(
        token => response.end(token),
        error => response.destroy(error),
      )
  })
}

async function fetchToken(bridge: RunningBridge): Promise<string> {
  const authorization = `Basic ${btoa('foo:bar')}`
  const body = JSON.stringify({ grants: { dispatch: ['image.thumbnail'] } })
  const headers = { authorization, 'content-type': 'application/json' }
  const asked = await fetch(`${bridge.url}/token`, { method: 'POST', headers, body })
  return JSON.stringify({ token: ((await asked.json()) as { token: string }).token })
}
