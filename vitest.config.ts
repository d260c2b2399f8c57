import { defineConfig } from 'vitest/config'
import { needsNode } from './scripts/test/needs-node.ts'
import { readPrepared } from './scripts/test/prepared.ts'

// Counted as skipped, with the reason, by whoever prepared
const withoutBrowser =
  readPrepared().chromium === undefined ? [] : ['test/browser/**', 'test/examples/host-page.test.ts']
const withoutNode = 'Deno' in globalThis ? needsNode : []

export default defineConfig({
  test: {
    name: 'all',
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '**/*.deno.test.ts', ...withoutBrowser, ...withoutNode],
    globalSetup: ['test/support/brokers/share.ts', 'test/browser/share.ts'],
    // Tests mostly wait for brokers and processes, so more of them than cores go on at once
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As long as `until` of test/support waits
    expect: { poll: { timeout: 20_000 } },
  },
})
