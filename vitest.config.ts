import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '**/*.deno.test.ts'],
    globalSetup: ['test/brokers/share.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
