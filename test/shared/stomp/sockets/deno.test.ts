/** The same connection in a real Deno process. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { unique } from '../../../support/brokers/shared.ts'
import { openTestBed, type TestBedName } from '../../../support/stomp-test-beds.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('deno/round-trip.ts', import.meta.url))
const deno = fileURLToPath(new URL('../../../../node_modules/.bin/deno', import.meta.url))

test.for<TestBedName>(['embedded', 'embedded over tls', 'classic', 'classic over ws'])('on Deno, %s', async name => {
  await using testBed = await openTestBed(name)
  const args = [testBed.url, `/queue/${unique('deno')}`, ...(testBed.caFile === undefined ? [] : [testBed.caFile])]
  const { stdout } = await run(deno, ['run', '--allow-net', '--allow-read', '--allow-env', script, ...args])
  expect(JSON.parse(stdout)).toEqual({
    dialect: name.startsWith('classic') ? 'classic' : 'embedded',
    bodies: [10, 1_048_576, 3],
    sockets: 2,
    refused: 'forbidden',
    reason: 'broker_unreachable',
  })
})
