/** Sets of keys that cannot be used, or hold keys of others. No error quotes a key. */
import { createSeal, type Jwk, newKey } from 'drover/seal'
import { expect, test } from 'vitest'

const clock = { now: () => 0, steady: () => 0, timer: () => () => {} }
const sealOf = (keys: unknown) => createSeal({ keys: { keys: keys as readonly Jwk[] } }, { clock, problem: () => {} })

const good = await newKey('x25519')
const other = await newKey('p-256')
const pen = await newKey('ed25519')
const secret = String(good.d)
const shared = (k: unknown) => ({ kid: 'o', kty: 'oct', alg: 'A256KW', k })

const bad: Readonly<Record<string, readonly [keys: unknown, sentence: string]>> = {
  'a text': ['text', 'it is no JWKS'],
  'no key': [[], 'none of its keys seals or opens'],
  'a key that is none': [[secret], 'one of its keys is no object'],
  'a list as a key': [[[good]], 'none of its keys'],
  'keys for signing alone': [[pen], 'none of its keys seals or opens'],
  '101 keys': [Array.from({ length: 101 }, (_, number) => ({ ...good, kid: `k${number}` })), 'it has 101 keys'],
  'the same kid twice': [[good, { ...other, kid: good.kid }], `two of its keys have the kid "${good.kid}"`],
  'a kid of a seal and of a signature': [[good, { ...pen, kid: good.kid }], 'two of its keys have the kid'],
  'no kid': [[{ ...good, kid: undefined }], 'one of its keys has no "kid" of 1 to 200 characters'],
  'an empty kid': [[{ ...good, kid: '' }], 'has no "kid"'],
  'a kid that is a number': [[{ ...good, kid: 7 }], 'has no "kid"'],
  'a kid of 201 characters': [[{ ...good, kid: 'k'.repeat(201) }], 'has no "kid"'],
  'a damaged private part': [[{ ...good, d: secret.slice(9) }], `Key "${good.kid}" of the set given cannot be read`],
  'the private part of another': [[{ ...good, d: (await newKey('x25519')).d }], 'cannot be read: it is damaged'],
  'a private part that is no text': [[{ ...good, d: 7 }], 'cannot be read: it is damaged'],
  'a damaged public part': [[{ ...good, x: 'AAAA' }], 'cannot be read: it is damaged'],
  'a signature key of another': [[good, { ...pen, d: secret }], 'cannot be read: it is damaged'],
  'a shared key of 16 bytes': [[shared('A'.repeat(22))], 'key "o" has 16 bytes; expected 32'],
  'a shared key of 24 bytes': [[shared('A'.repeat(32))], 'key "o" has 24 bytes; expected 32'],
  'a shared key of no bytes': [[shared('')], 'key "o" has 0 bytes; expected 32'],
  'a shared key that is none': [[shared({ secret })], 'Key "o" of the set given cannot be read: it is damaged'],
  'another kty': [[{ ...good, kty: secret.repeat(9) }], 'do not go with ECDH-ES+A256KW'],
  'Ed25519 to seal by': [[{ ...pen, alg: 'ECDH-ES+A256KW' }], 'crv Ed25519, which do not go with ECDH-ES+A256KW'],
  'kty __proto__': [[{ ...good, kty: '__proto__' }], 'kty __proto__, crv X25519, which do not go with'],
  'kty constructor': [[{ ...good, kty: 'constructor' }], 'which do not go with'],
  'an exp that is a text': [[{ ...good, exp: '1795953600' }], 'its "exp" is no number of seconds'],
  'an nbf that is a date': [[{ ...good, nbf: '2026-11-29' }], 'its "nbf" is no number of seconds'],
  'an exp of null': [[{ ...good, exp: null }], 'its "exp" is no number of seconds'],
}

test.each(Object.keys(bad))('%s is refused by a sentence', async name => {
  const [keys, sentence] = bad[name]!
  const error: Error = await sealOf(keys)
    .ready()
    .then(() => new Error('it was taken'))
    .catch((error: Error) => error)
  expect(error).toMatchObject({ code: 'config_invalid', message: expect.stringContaining(sentence) })
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    expect(one.message).not.toContain(secret.slice(0, 12))
    expect(one.message.length).toBeLessThan(500)
  }
})

test('keys of others are left alone', async () => {
  const others = [
    { kty: 'RSA', kid: good.kid, alg: 'RS256', n: 'AA', e: 'AQAB' },
    { kty: 'RSA', alg: 'RSA-OAEP', n: 'AA', e: 'AQAB' },
    { kty: 'EC', crv: 'P-256', kid: 'no alg', x: 'AA', y: 'AA' },
    { kty: 'oct', kid: 'dir', alg: 'dir', k: 'AA' },
    {},
  ]
  const seal = sealOf([...others, good])
  await seal.ready()
  expect(seal.openers).toEqual([good.kid])
})

test.each(['__proto__', 'constructor', 'toString', 'ключ', '\u001b[2J'])('%j is a kid as any other', async kid => {
  const job = { namespace: 'n', task: 't', request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11', attempt: 1 }
  const keys = {
    keys: [
      { ...good, kid },
      { ...pen, kid: `${kid} pen` },
    ],
  }
  const seal = createSeal({ keys, sign: `${kid} pen`, signed: 'required' }, { clock, problem: () => {} })
  const sealed = await seal.sealJob({ ...job, expires_at: 1 }, 1, seal.newReplyKey())
  expect((await seal.openJob(job, JSON.parse(JSON.stringify(sealed)))).input).toBe(1)
  await expect(sealOf([other]).openJob(job, sealed)).rejects.toMatchObject({ code: 'cannot_open' })
})
