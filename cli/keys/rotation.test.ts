import type { Jwk } from 'drover/seal'
import { expect, test } from 'vitest'
import { describeKeys } from './describe-keys.ts'
import { rotated } from './rotation.ts'

const now = Date.UTC(2026, 10, 29, 20)
const seconds = now / 1000
const hour = 3_600
const day = 24 * hour
const key = (kid: string, more: object = {}): Jwk => {
  return { kid, kty: 'OKP', crv: 'X25519', alg: 'ECDH-ES+A256KW', x: 'public', d: 'private', ...more }
}
const pen = key('pen', { crv: 'Ed25519', alg: 'EdDSA', use: 'sig' })
const foreign = key('foreign', { alg: 'RS256', exp: 1 })
const shared = { kid: 'shared', kty: 'oct', alg: 'A256KW', k: 'private' }
const rotate = (keys: readonly Jwk[], more: object = {}) =>
  rotated({
    keys,
    now,
    inMs: hour * 1000,
    keepMs: 30 * day * 1000,
    newKey: async kind => ({ ...(kind === 'shared' ? shared : key(kind)), kid: `new ${kind}` }),
    ...more,
  })

test('the old key ends to seal as the new one begins, and both open', async () => {
  const { keys, at } = await rotate([key('old'), pen])
  expect(keys).toEqual([key('old', { exp: seconds + hour }), pen, key('new x25519', { nbf: seconds + hour })])
  expect(at).toBe(now + hour * 1000)
  expect(describeKeys([...keys, foreign, key('p', { d: undefined })], now)).toEqual([
    'old         x25519   private  seals until 2026-11-29 21:00:00Z; opens while it is in the set',
    'pen         ed25519  private  signs',
    'new x25519  x25519   private  seals from 2026-11-29 21:00:00Z on; opens while it is in the set',
    "foreign     other    private  left alone: it is none of Drover's",
    'p           x25519   public   seals; does not open',
  ])
})

test('the moment is a whole second, never sooner than asked', async () => {
  const { keys, at } = await rotate([key('old')], { now: now + 1, inMs: 500 })
  expect([at, keys[0]?.exp, keys[1]?.nbf]).toEqual([now + 1000, seconds + 1, seconds + 1])
})

test('keys that sealed long ago go, and those of others stay', async () => {
  const over = key('over', { exp: seconds - 30 * day - 1 })
  const kept = key('kept', { exp: seconds - 30 * day })
  const { keys, dropped } = await rotate([over, kept, foreign, key('old')])
  expect(dropped).toEqual([over])
  expect(keys.map(({ kid }) => kid)).toEqual(['kept', 'foreign', 'old', 'new x25519'])
})

test('each kind that seals now has one that follows', async () => {
  const { added } = await rotate([key('old'), shared, key('other', { kty: 'EC', crv: 'P-256' }), key('old 2')])
  expect(added.map(({ kid }) => kid)).toEqual(['new x25519', 'new shared', 'new p-256'])
})

test('where none seals any more the last one is followed', async () => {
  const { keys, ended } = await rotate([{ ...shared, exp: seconds - 9 }, key('last', { exp: seconds - 1 })])
  expect(ended).toEqual([])
  expect(keys.at(-1)).toMatchObject({ kid: 'new x25519', nbf: seconds + hour })
})

test.for([
  [[key('old', { exp: seconds + 9 }), key('next', { nbf: seconds + 9 })], 'next seals from 2026-11-29 20:00:09Z on'],
  [[pen], 'No key of this file seals'],
  [[key('old', { d: undefined })], 'only the public part'],
  [[key('old', { kty: 'EC', crv: 'P-384' })], 'old is of P-384; drover makes keys of X25519 and P-256'],
] as const)('%j cannot be rotated', async ([keys, sentence]) => {
  await expect(rotate(keys)).rejects.toThrow(sentence)
})
