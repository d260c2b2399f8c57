import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newKey, publicKeys } from 'drover/seal'
import { afterAll, expect, test } from 'vitest'
import { readKeyText } from '../../shared/seal/node-text.ts'
import { makeSmallDisk } from '../../test/support/small-disk.ts'
import { makeKeyFile, readKeyFile, replaceKeyFile } from './key-file.ts'

const folder = await mkdtemp(join(tmpdir(), 'drover-key-file-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const file = join(folder, 'keys.json')

test.for(['x25519', 'p-256', 'shared', 'ed25519'] as const)('a key of %s is read as it was written', async kind => {
  const set = { keys: [await newKey(kind)] }
  await rm(file, { force: true })
  await makeKeyFile(file, set)
  expect(await readKeyFile(file)).toEqual(set)
  await replaceKeyFile(file, publicKeys(set))
  expect(await readKeyFile(file)).toEqual(publicKeys(set))
})

const secret = 'c2VjcmV0LXNlY3JldC1zZWNyZXQ'
const damaged = { kid: 'a\u001b[2J', kty: 'OKP', crv: 'X25519', alg: 'ECDH-ES+A256KW', x: 'AA', d: secret }
const short = { kid: 'b', kty: 'oct', alg: 'A256KW', k: 'c2VjcmV0LXNlY3JldA' }
test.for([
  ['JSON that is cut off', `{"keys":[{"d":"${secret}"`, /^Cannot read keys from .*: it is not JSON$/],
  ['a key alone', `{"d":"${secret}"}`, / is no JWKS; expected \{"keys":\[…\]\}, as `drover keys new` makes it$/],
  ['a text for a key', `{"keys":["${secret}"]}`, / is no JWKS; expected/],
  ['a damaged key', JSON.stringify({ keys: [damaged] }), /^Key "a" of .* cannot be read: it is damaged$/],
  ['a short key', JSON.stringify({ keys: [short] }), /"b"/],
  ['a key without a kid', JSON.stringify({ keys: [{ ...short, kid: undefined }] }), /one of its keys has no "kid"/],
  ['UTF-16', new Uint8Array([0xff, 0xfe]), /^Cannot read keys from .*UTF-8/],
  ['too many bytes', '{"keys":[]}'.padEnd(300_000), /it has over 262144 bytes; expected a set of keys$/],
] as const)('%s: one sentence that quotes no key', async ([, text, sentence]) => {
  await writeFile(file, text)
  const error = await readKeyFile(file).catch((error: Error) => error)
  expect(error).toMatchObject({ name: 'UsageError', message: expect.stringMatching(sentence) })
  expect((error as Error).message).not.toContain('c2VjcmV0')
})

test.runIf(existsSync('/dev/zero'))('a file without an end is read no further than keys go', async () => {
  const sentence = 'it has over 262144 bytes'
  await expect(readKeyFile('/dev/zero')).rejects.toThrow(sentence)
  await expect(readKeyText('/dev/zero')).rejects.toThrow(sentence)
})

test('of a file that does not fit on the disk nothing is left', async ({ skip }) => {
  await using disk = await makeSmallDisk('64k')
  if (!disk.isMounted) skip('this user may not mount a small disk')
  await disk.fill()
  const path = join(disk.folder, 'keys.json')
  await expect(makeKeyFile(path, { keys: [await newKey('x25519')] })).rejects.toThrow(`Cannot write ${path}: ENOSPC`)
  expect(await readdir(disk.folder)).toEqual(['filler'])
})

test('a folder, a file that is not there and one that is are said', async () => {
  const sub = join(folder, 'sub')
  await mkdir(sub, { recursive: true })
  await expect(readKeyFile(sub)).rejects.toThrow(`Cannot read keys from ${sub}: `)
  await expect(readKeyFile(join(sub, 'none'))).rejects.toThrow(`Cannot read keys from ${sub}/none: `)
  await expect(makeKeyFile(join(sub, 'no', 'a'), { keys: [] })).rejects.toThrow(`Cannot write ${sub}/no/a: `)
  await expect(replaceKeyFile(sub, { keys: [] })).rejects.toThrow(`Cannot write ${sub}, which stays as it was: `)
  await writeFile(file, 'mine')
  await expect(makeKeyFile(file, { keys: [] })).rejects.toThrow(`${file} is there already; name another file`)
  expect([await readFile(file, 'utf8'), await readdir(folder)]).toEqual(['mine', ['keys.json', 'sub']])
})
