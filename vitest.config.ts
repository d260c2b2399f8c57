import { defineConfig } from 'vitest/config'
import { readPrepared } from './scripts/test/prepared.ts'

// Counted as skipped, with the reason, by whoever prepared
const withoutBrowser = readPrepared().chromium === undefined ? [] : ['test/browser/**']

export default defineConfig({
  test: {
    name: 'all',
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '**/*.deno.test.ts', ...withoutBrowser],
    globalSetup: ['test/brokers/share.ts', 'test/browser/share.ts'],
    // Tests mostly wait for brokers and processes, so more of them than cores go on at once
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As long as `until` of test/jobs waits
    expect: { poll: { timeout: 20_000 } },
  },
})
