/** The contracts of connection and master once more in a real Deno process, on Deno's own sockets. */
import { fileURLToPath } from 'node:url'
import { expect, inject, test } from 'vitest'
import { run } from '../../scripts/test/commands.ts'
import { pageTests } from '../support/stand-ins.ts'

const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const files = pageTests.map(path => path.replace(/\{.*/, ''))

test('on Deno, the connection and the master pass the same tests', async () => {
  const env = { DROVER_TEST_BROKERS: inject('brokersUrl'), NO_COLOR: '1' }
  const { isOk, output } = await run(['deno', 'run', '-A', vitest, 'run', '--reporter=verbose', ...files], { env })
  expect(isOk ? '' : output).toBe('')
  expect(output).toMatch(/✓ .*classic over ws > close\(\)/)
  expect(output).toMatch(/✓ .*queued\.test\.ts/)
}, 120_000)
