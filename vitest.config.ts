import { defaultServerConditions } from 'vite'
import { defineConfig, type TestProjectConfiguration } from 'vitest/config'
import { findChromium } from './scripts/test/chromium.ts'
import { needsNode } from './scripts/test/needs-node.ts'
import { readPrepared } from './scripts/test/prepared.ts'
import { pageTests, standIns } from './test/support/stand-ins.ts'

const isDeno = 'Deno' in globalThis
const hasBrowser = !isDeno && readPrepared().chromium === undefined
// Counted as skipped, with the reason, where the tests were prepared
const withoutBrowser = hasBrowser ? [] : ['test/browser/**', 'test/examples/host-page.test.ts']
const withoutNode = isDeno ? needsNode : []
const without = ['**/node_modules/**', 'dist/**', '**/*.deno.test.ts', ...withoutBrowser, ...withoutNode]
/** The files that share processes: those beside the code, and those that drive a browser, whose driver is large. */
const together = ['!(test|scripts)/**/*.test.ts', 'test/browser/**/*.test.ts']

const waits = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // As long as `until` of test/support waits
  expect: { poll: { timeout: 20_000 } },
}

/** Deno's own entries of the package, and Deno's own sockets. */
const asDeno = {
  resolve: { alias: standIns(import.meta.dirname, 'deno') },
  ssr: { resolve: { conditions: ['deno', ...defaultServerConditions] } },
}

/** The contracts of connection and master once more, in a page. */
async function inChromium(): Promise<TestProjectConfiguration> {
  const { playwright } = await import('@vitest/browser-playwright')
  const executablePath = findChromium()
  return {
    resolve: { alias: standIns(import.meta.dirname, 'page') },
    test: {
      name: 'chromium',
      include: [...pageTests],
      ...waits,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { args: ['--no-sandbox'], ...(executablePath && { executablePath }) } }),
        instances: [{ browser: 'chromium' }],
      },
    },
  }
}

export default defineConfig(async () => ({
  test: {
    // Of the whole run, for all projects
    globalSetup: ['test/support/brokers/share.ts', 'test/browser/share.ts', 'test/support/page/serve.ts'],
    // Tests mostly wait for brokers and processes, so more of them than cores go on at once
    maxWorkers: 5,
    projects: [
      {
        ...(isDeno && asDeno),
        test: { name: 'apart', include: ['{test,scripts}/**/*.test.ts'], exclude: [...together, ...without], ...waits },
      },
      {
        ...(isDeno && asDeno),
        test: {
          name: 'together',
          include: together,
          exclude: without,
          // One after the other in the same processes, each of which loads a module once
          isolate: false,
          setupFiles: ['test/support/nothing-left.ts'],
          ...waits,
        },
      },
      ...(hasBrowser ? [await inChromium()] : []),
    ],
  },
}))
