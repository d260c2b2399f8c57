/**
 * One Chromium and one server of fixtures for a whole run, started when the first test file asks for them; a file has
 * contexts of its own in it. This side runs in the process that runs the test files, as Vitest's `globalSetup`; the
 * harness asks it over HTTP on loopback. Without a run (`npm run pictures`) the harness starts its own.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where the harness asks: in the environment of the processes that run the test files. */
export const shareVariable = 'DROVER_TEST_BROWSER'

/** The addresses of the shared browser and fixtures. */
export interface SharedBrowser {
  /** For Playwright's `chromium.connect`. */
  readonly endpoint: string
  /** Of the server of fixtures. */
  readonly fixtures: string
}

/** Starts to answer; the function that it returns ends everything that was started. */
export default async function shareBrowser(): Promise<() => Promise<void>> {
  const stack = new AsyncDisposableStack()
  const start = async (): Promise<SharedBrowser> => {
    // Where only Deno is, the browser's packages are not there
    const [{ chromium }, { chromiumOptions }, { startFixtureServer }] = await Promise.all([
      import('playwright-core'),
      import('./chromium.ts'),
      import('./fixture-server.ts'),
    ])
    const fixtures = stack.use(await startFixtureServer())
    const browser = stack.adopt(await chromium.launchServer(chromiumOptions()), server => server.close())
    return { endpoint: browser.wsEndpoint(), fixtures: fixtures.url }
  }
  let started: Promise<SharedBrowser> | undefined
  const server = createServer((_request, response) => {
    started ??= start()
    started.then(
      shared => response.end(JSON.stringify(shared)),
      error => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  process.env[shareVariable] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return async () => {
    delete process.env[shareVariable]
    server.close()
    server.closeAllConnections()
    await started?.catch(() => {}) // who asked for it was told
    await stack.disposeAsync()
  }
}
