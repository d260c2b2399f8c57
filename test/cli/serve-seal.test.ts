/** `drover serve --seal`: the keys that a bridge hands on to pages. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newKey, publicKeys } from 'drover/seal'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drover, startDrover } from '../support/cli/program.ts'
import { startTestBed, type TestBed } from '../support/cli/test-bed.ts'
import { connectRaw } from '../support/raw-session.ts'

let testBed: TestBed
let folder: string
beforeAll(async () => {
  testBed = await startTestBed()
  folder = await mkdtemp(join(tmpdir(), 'drover-serve-seal-'))
})
afterAll(async () => {
  await testBed[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test('pages are handed the public keys that it is given, and private ones are refused', async () => {
  const key = await newKey('x25519')
  const open = publicKeys({ keys: [key] })
  const [own, closed] = [join(folder, 'public-keys.json'), join(folder, 'private-keys.json')]
  await Promise.all([writeFile(own, JSON.stringify(open)), writeFile(closed, JSON.stringify({ keys: [key] }))])
  const env = { DROVER_BROKER: testBed.url, DROVER_SECRET: '0123456789abcdef0123456789abcdef' }
  await using bridge = startDrover(['serve', '--port', '0', '--seal', own], { env })
  const [, url = ''] = await bridge.says(/^ready (\S+)$/m)
  await bridge.says(new RegExp(`pages seal by ${key.kid}$`, 'm'))
  await using session = await connectRaw(url, { login: 'foo', passcode: 'bar' })
  expect(JSON.parse(session.connected.header('drover-grants')!)).toMatchObject({ seal: { keys: open } })
  const refused = await drover(['serve', '--port', '0', '--seal', closed], { env })
  expect([refused.code, refused.stdout, refused.stderr]).toEqual([2, '', expect.stringContaining('private part')])
})
