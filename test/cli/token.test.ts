import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newKey, publicKeys } from 'drover/seal'
import { decodeJwt, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { startBridge } from '../support/bridges/bridges.ts'
import { drover } from '../support/cli/program.ts'

const env = { DROVER_SECRET: '0123456789abcdef0123456789abcdef' }

test('a minted token says who, which grants and how long', async () => {
  const grants = [
    '--dispatch',
    'image.*',
    'host.facts',
    '--broadcast',
    'host.facts',
    '--workers',
    '--namespace',
    'shop',
  ]
  const { code, stdout, stderr } = await drover(['token', '--sub', 'ada', '--expires', '15m', ...grants], { env })
  expect([code, stderr]).toEqual([0, ''])
  const { sub, iat = 0, exp = 0, drover: granted } = decodeJwt(stdout.trim())
  expect([sub, exp - iat]).toEqual(['ada', 900])
  expect(granted).toMatchObject({
    ns: 'shop',
    dispatch: ['image.*', 'host.facts'],
    broadcast: ['host.facts'],
    work: [],
  })
  expect(granted).toMatchObject({ workers: true, dead: false })
})

const job = { task: 'image.thumbnail', request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11' }
const asText = `${job.task}/${job.request_id}`

test('a minted token says how often, from where, and which one job', async () => {
  const mint = async (...args: string[]) =>
    decodeJwt((await drover(['token', '--sub', 'ada', ...args], { env })).stdout.trim())
  const page = ['--origin', 'https://shop.example', 'https://b.example']
  expect(await mint('--dispatch', '*', '--uses', '2', ...page)).toMatchObject({
    drover: { dispatch: ['*'], uses: 2, origin: ['https://shop.example', 'https://b.example'] },
    nbf: expect.any(Number),
  })
  expect(await mint('--job', asText, '--namespace', 'shop')).toMatchObject({
    drover: { ns: 'shop', dispatch: [], job },
  })
})

test('a bridge is asked for the same, and one that does not know it gives no token', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const asked = ['--login', 'foo', '--uses', '3', '--origin', 'https://shop.example', '--job', asText]
  const bar = { DROVER_PASSWORD: 'bar' }
  const { code, stdout, stderr } = await drover(['token', '--url', bridge.url, ...asked], { env: bar })
  expect([code, stderr]).toEqual([0, ''])
  expect(decodeJwt(stdout.trim())['drover']).toMatchObject({ uses: 3, origin: ['https://shop.example'], job })

  const older = createServer((_request, response) => response.end('{"token":"eyJ.a.b"}')).listen(0, '127.0.0.1')
  await once(older, 'listening')
  const { port } = older.address() as AddressInfo
  const answer = await drover(['token', '--url', `http://127.0.0.1:${port}`, ...asked], { env: bar })
  older.close()
  expect([answer.code, answer.stdout, answer.stderr]).toEqual([
    1,
    '',
    expect.stringContaining('gives no tokens with uses; upgrade it'),
  ])
})

test('of several secrets the first signs', async () => {
  const several = { DROVER_SECRET: `${'1'.repeat(32)}\n${env.DROVER_SECRET}` }
  const { stdout } = await drover(['token', '--sub', 'ada', '--work', '*'], { env: several })
  expect((await jwtVerify(stdout.trim(), new TextEncoder().encode('1'.repeat(32)))).payload.sub).toBe('ada')
})

test.for([
  [{}, ['--sub', 'ada', '--work', '*'], 'DROVER_SECRET is not set'],
  [env, ['--work', '*'], 'Say whom the token is for by --sub'],
  [env, ['--sub', 'ada'], 'The token would allow nothing; add grants'],
  [env, ['--sub', 'ada', '--work', 'Bad'], 'The grants cannot be used: work.0'],
  [env, ['--sub', 'ada', '--work', '*', '--expires', 'soon'], '"soon" is not a duration'],
  [{ DROVER_SECRET: 'short' }, ['--sub', 'ada', '--work', '*'], 'secret'],
  [env, ['--sub', 'ada', '--work', '*', '--uses', '0'], 'expected a whole number from 1 to 100'],
  [env, ['--sub', 'ada', '--work', '*', '--uses', '1.5'], 'expected a whole number from 1 to 100'],
  [env, ['--sub', 'ada', '--work', '*', '--origin', 'https://shop.example/'], 'expected https://shop.example'],
  [env, ['--sub', 'ada', '--work', '*', '--origin', 'https://*.example'], 'whole origins'],
  [env, ['--sub', 'ada', '--job', 'image.thumbnail'], 'expected a task and a request_id, such as'],
  [env, ['--sub', 'ada', '--work', '*', '--job', asText], 'A token for one job has no grants; leave them out'],
  [{}, ['--url', 'http://127.0.0.1:65'], 'Say who asks by --login'],
  [{}, ['--url', 'http://x', '--login', 'foo', '--seal', 'x'], '--seal goes with a token that is minted here'],
  [{}, ['--url', 'nowhere', '--login', 'foo'], '--url is "nowhere"; expected the bridge\'s address'],
] as const)('%j %j is called wrongly: exit code 2 and a sentence', async ([variables, args, sentence]) => {
  const { code, stdout, stderr } = await drover(['token', ...args], { env: variables })
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(sentence)])
})

test('a token carries the public keys that a page is to seal by, and no private ones', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-token-'))
  try {
    const key = await newKey('x25519')
    const open = publicKeys({ keys: [key] })
    await writeFile(join(folder, 'public.json'), JSON.stringify(open))
    await writeFile(join(folder, 'private.json'), JSON.stringify({ keys: [key] }))
    const args = (keys: string) => ['token', '--sub', 'ada', '--dispatch', '*', '--seal', keys]
    const mint = (keys: string) => drover(args(keys), { env, cwd: folder })
    const [fromFile, fromAddress, closed, far] = await Promise.all(
      ['public.json', 'https://jobs.example/keys.json', 'private.json', 'http://jobs.example/keys.json'].map(mint),
    )
    expect(decodeJwt(fromFile!.stdout.trim())['drover']).toMatchObject({ seal: { keys: open } })
    expect(decodeJwt(fromAddress!.stdout.trim())['drover']).toMatchObject({
      seal: { keys: 'https://jobs.example/keys.json' },
    })
    expect(closed).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('has its private part with it'),
    })
    expect(closed!.stderr).toContain('drover keys show FILE --public --json')
    expect(closed!.stderr).not.toContain(String(key.d))
    expect(far).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('by https:') })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('a bridge that is not there is one sentence and exit code 1', async () => {
  const args = ['token', '--url', 'http://127.0.0.1:65', '--login', 'foo']
  const { code, stderr } = await drover(args, { env: { DROVER_PASSWORD: 'bar' } })
  expect([code, stderr]).toEqual([
    1,
    'drover: No bridge answers at http://127.0.0.1:65; is it running, and is the address right?\n',
  ])
})
