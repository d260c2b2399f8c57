import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { newKey, publicKeys } from 'drover/seal'
import { afterAll, expect, test } from 'vitest'
import { keepDevKeys, makeDevKeys } from './dev/keys.ts'
import { exitCodeOf, exitCodes } from './exit.ts'
import { givenSeal, openersOf, recipientsOf } from './seal-options.ts'
import { devKeysFile } from './state-folder.ts'

const folder = await mkdtemp(join(tmpdir(), 'drover-seal-options-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const key = await newKey('x25519')
const at = (name: string): string => join(folder, name)
const over = Date.now() / 1_000 - 60
await Promise.all([
  writeFile(at('keys.json'), JSON.stringify({ keys: [key] })),
  writeFile(at('public.json'), JSON.stringify(publicKeys({ keys: [key] }))),
  writeFile(at('over.json'), JSON.stringify({ keys: [{ ...key, exp: over }] })),
  writeFile(at('none.json'), '{"kid":"s3cret"}'),
  writeFile(at('text.json'), '{"keys": s3cret'),
])
const url = 'stomp://foo:bar@127.0.0.1:61613'
const env = { XDG_STATE_HOME: folder }
const usable = async (name: string, use: typeof openersOf, more = {}): Promise<readonly string[]> =>
  use((await givenSeal({ seal: name.startsWith('http') ? name : at(name), ...more }, env, url))!)

test('a file of keys opens and seals, and one that is over still opens', async () => {
  expect(await usable('keys.json', openersOf)).toEqual([key.kid])
  expect(await usable('public.json', recipientsOf)).toEqual([key.kid])
  expect(await usable('over.json', openersOf)).toEqual([key.kid])
})

test.for([
  ['a file that is not there', 'nowhere.json', openersOf, {}, 2, /^The keys of .*nowhere\.json cannot be read: ENOENT/],
  ['no JWKS', 'none.json', openersOf, {}, 2, /^The keys of .*none\.json cannot be used: it is no JWKS/],
  ['no JSON', 'text.json', recipientsOf, {}, 2, /text\.json cannot be read: it is no JSON$/],
  ['public keys, for a worker', 'public.json', openersOf, {}, 2, /^None of the keys of .*public\.json opens a job: /],
  ['keys that are over', 'over.json', recipientsOf, {}, 2, /^None of the keys of .*over\.json seals at present: /],
  ['no such signer', 'keys.json', recipientsOf, { sealSign: 'me' }, 2, /no private key "me" to sign by/],
  [
    'an address that is away',
    'http://127.0.0.1:1/k?s3cret',
    recipientsOf,
    {},
    1,
    /^The keys of http:\S+:1\/k cannot be read/,
  ],
  ['an address with a password', 'http://ada:s3cret@127.0.0.1:1/k', recipientsOf, {}, 2, /a name or a password/],
] as const)('%s: one sentence, and an exit code', async ([, name, use, more, code, sentence]) => {
  const error: unknown = await usable(name, use, more).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Error)
  const { message } = error as Error
  expect([exitCodeOf(error), message]).toEqual([code, expect.stringMatching(sentence)])
  expect(message).not.toMatch(/s3cret|\n/)
})

test('the option goes before the environment, and both before the keys of a drover dev for that broker', async () => {
  expect(await givenSeal({}, env, url)).toBeUndefined()
  const local = 'stomp://localhost:61613'
  {
    await using dev = await keepDevKeys(env, local, await makeDevKeys(env, local))
    expect(await givenSeal({}, env, url)).toMatchObject({ keys: dev.file })
    expect(await givenSeal({}, env, 'stomp://127.0.0.1:61614')).toBeUndefined()
    expect(await givenSeal({}, { ...env, DROVER_SEAL: 'b' }, url)).toMatchObject({ keys: 'b', signed: undefined })
    const options = { seal: 'a', sealSign: 'k', sealSigned: true }
    const given = await givenSeal(options, { ...env, DROVER_SEAL: 'b' }, url)
    expect(given).toEqual({ keys: 'a', sign: 'k', signed: 'required' })
    {
      await using again = await keepDevKeys(env, url, await makeDevKeys(env, url))
      expect(again.file).toBe(dev.file)
    }
    expect(await usable('', openersOf, { seal: dev.file })).toHaveLength(1)
  }
  expect(await givenSeal({}, env, url)).toBeUndefined()
  expect(devKeysFile(env, 'stomp://foo:s3cret@[::1]:61613')).toBe(devKeysFile(env, url))
})

test('a damaged file, as a drover dev that was killed may leave it, is made anew', async () => {
  const file = devKeysFile(env, url)!
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, '{')
  await using dev = await keepDevKeys(env, url, await makeDevKeys(env, url))
  expect(dev.file).toBe(file)
  expect(await usable('', openersOf, { seal: file })).toHaveLength(1)
})

test.for([
  [{ seal: '' }, '--seal is empty'],
  [{ sealSign: 'me' }, '--seal-sign needs keys'],
  [{ sealSigned: true }, '--seal-signed needs keys'],
] as const)('%j is called wrongly', async ([options, sentence]) => {
  const error: unknown = await givenSeal(options, env, url).catch((thrown: unknown) => thrown)
  expect([exitCodeOf(error), (error as Error).message]).toEqual([exitCodes.usage, expect.stringContaining(sentence)])
})
