import { expect, test } from 'vitest'
import { Grants, grantsInclude } from './token-grants.ts'

const key = { kid: 'a', kty: 'OKP', crv: 'X25519', alg: 'ECDH-ES+A256KW', x: 'AAAA' }
const setOf = (...keys: unknown[]) => ({ keys: { keys } })
const faultOf = (seal: unknown): unknown => Grants.safeParse({ seal }).error?.issues[0]?.message

test.each([
  [setOf(key)],
  [setOf(key, { kid: 'b', kty: 'RSA', alg: 'RS256', n: 'AAAA', e: 'AQAB' })],
  [setOf(...Array.from({ length: 20 }, (_, at) => ({ ...key, kid: `k${at}` })))],
  [{ keys: 'https://jobs.example/keys.json' }],
  [{ keys: 'http://localhost:8080/keys.json' }],
  [{ keys: 'http://[::1]/keys.json' }],
])('%j are keys to hand on', seal => {
  expect(Grants.parse({ seal }).seal).toEqual(seal)
})

test.each([
  [5, 'expected {"keys":…} with a JWKS'],
  [{}, 'expected {"keys":…} with a JWKS'],
  [{ keys: [key] }, 'expected {"keys":…} with a JWKS'],
  [setOf(), 'expected {"keys":…} with a JWKS'],
  [setOf(null), 'one of its keys is no object'],
  [setOf({ ...key, kid: '' }), 'no kid of 1 to 200'],
  [setOf(...Array.from({ length: 21 }, (_, at) => ({ ...key, kid: `k${at}` }))), '21 keys; expected at most 20'],
  [setOf({ ...key, note: 'é'.repeat(4_096) }), 'over 8192 bytes'],
  [setOf({ ...key, alg: 'EdDSA' }), 'can be sealed to'],
  ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].map(
    name => [setOf(key, { ...key, kid: 'b', [name]: 's3cret' }), 'the key "b" has its private part'] as const,
  ),
  [setOf({ kid: 'c', kty: 'oct', alg: 'A256KW' }), 'the key "c" is a shared secret'],
  [{ keys: 'http://jobs.example/keys.json' }, 'by https:'],
  [{ keys: 'http://localhost.example/keys.json' }, 'by https:'],
  [{ keys: 'file:///keys.json' }, 'by https:'],
  [{ keys: 'keys.json' }, 'by https:'],
  [{ keys: 'https://ada:s3cret@jobs.example/' }, 'a name or a password'],
] as const)('%j are refused, and nothing of a private part is told', (seal, sentence) => {
  expect(faultOf(seal)).toContain(sentence)
  expect(faultOf(seal)).not.toContain('s3cret')
})

test('a narrower token has the same keys, in whatever order they are written', () => {
  const grants = (seal?: unknown) => Grants.parse({ dispatch: ['*'], ...(seal === undefined ? {} : { seal }) })
  const own = grants(setOf(key))
  const turned = Object.fromEntries(Object.entries(key).reverse())
  expect(grantsInclude(own, grants(setOf(turned)))).toBe(true)
  expect(grantsInclude(own, grants(setOf({ ...key, x: 'AAAB' })))).toBe(false)
  expect(grantsInclude(own, grants())).toBe(false)
  expect(grantsInclude(grants(), own)).toBe(false)
})
