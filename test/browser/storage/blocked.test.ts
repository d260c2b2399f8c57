/** Widgets where a browser has a capability and refuses it: sandboxed frames, blocked cookies, frames of another site. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningBridge } from 'drover/bridge'
import { mintToken } from 'drover/bridge'
import { defineTask, implement, startWorker } from 'drover/worker'
import { chromium, type Frame, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import type {} from '../../../browser/widgets.ts'
import { refreshBrowser } from '../../../scripts/build/browser.ts'
import { findWholeChromium } from '../../../scripts/test/chromium.ts'
import { chromiumArgs, launchChromium } from '../chromium.ts'
import { everything, startBridge } from '../test-bridge.ts'

const secret = '0123456789abcdef0123456789abcdef'
const double = defineTask('sums.double', { input: z.object({ n: z.number() }), output: z.number() })

const stack = new AsyncDisposableStack()
let bridge: RunningBridge
/** Of a site with widgets; `other` is another site. */
let site: string
let other: string
let token: string
beforeAll(async () => {
  await refreshBrowser(process.cwd())
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(pages[request.url ?? '']?.() ?? '')
  })
  stack.defer(() => void server.close().closeAllConnections())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  site = `http://127.0.0.1:${port}`
  other = `http://localhost:${port}`
  bridge = stack.use(await startBridge({ origins: [site], secret }))
  stack.use(
    await startWorker({
      url: bridge.stompUrl!.replace('://', '://foo:bar@'),
      tasks: [implement(double, ({ n }) => n * 2)],
      signals: false,
    }),
  )
  token = await mintToken({ secret, sub: 'foo', grants: everything, expiresInMs: 600_000 })
}, 60_000)
afterAll(() => stack.disposeAsync())

/** A page with every widget, as a site would write it. */
const widgets = (): string => `<!doctype html><html lang="en"><title>Widgets</title>
<script type="module" src="${bridge.url}/drover.js"></script>
<drover-master url="${bridge.url.replace('http', 'ws')}/stomp" owner="ada"><drover-form task="sums.double"></drover-form>
<drover-jobs></drover-jobs><drover-workers></drover-workers></drover-master>
<script type="module">document.querySelector('drover-master').token = () => '${token}'</script>`

const pages: Readonly<Record<string, () => string>> = {
  '/': widgets,
  '/sandboxed': () => `<iframe src="${site}/" sandbox="allow-scripts allow-forms"></iframe>`,
  '/around': () => `<iframe src="${site}/"></iframe>`,
}

const denied = (frame: Page | Frame): Promise<string> =>
  frame.evaluate(() =>
    navigator.locks.request('try', { ifAvailable: true }, () => 'given').catch((error: Error) => error.name),
  )

/** Whether the tab does anything besides, and the widget has its master. */
async function expectAlive(frame: Page | Frame): Promise<void> {
  await frame.waitForFunction(() => document.querySelector('drover-master')?.current !== undefined)
  const isAlive = frame.evaluate(() => new Promise(resolve => setTimeout(resolve, 0, 'alive')))
  expect(await isAlive).toBe('alive')
}

async function expectWorks(frame: Page | Frame): Promise<void> {
  await frame.waitForFunction(() => customElements.get('drover-master') !== undefined)
  expect(await denied(frame)).toBe('SecurityError')
  await expectAlive(frame)
  await frame.getByText('Jobs will not survive a reload').waitFor()
  const n = await frame.evaluate(() => document.querySelector('drover-master')!.current!.run('sums.double', { n: 21 }))
  expect(n).toBe(42)
}

test('in a sandboxed frame, which has no origin, the tab stays alive and the widgets tell of the fault', async () => {
  await using browser = await launchChromium()
  const page = await browser.newPage()
  await page.goto(`${site}/sandboxed`)
  const frame = page.frame({ url: `${site}/` })!
  await frame.waitForFunction(() => customElements.get('drover-master') !== undefined)
  expect(await denied(frame)).toBe('SecurityError')
  await expectAlive(frame)
  await frame.locator('drover-master [part="line"]').getByText('allow-same-origin').waitFor()
})

test('with cookies blocked, and so in a frame of another site, jobs run, and it says that they are not kept', async () => {
  const profile = await mkdtemp(join(tmpdir(), 'drover-profile-'))
  try {
    await mkdir(join(profile, 'Default'))
    await writeFile(
      join(profile, 'Default', 'Preferences'),
      JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }),
    )
    await using context = await chromium.launchPersistentContext(profile, {
      executablePath: findWholeChromium()!,
      args: chromiumArgs,
    })
    const page = await context.newPage()
    await page.goto(`${site}/`)
    await expectWorks(page)
    await page.goto(`${other}/around`)
    await expectWorks(page.frame({ url: `${site}/` })!)
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
})
