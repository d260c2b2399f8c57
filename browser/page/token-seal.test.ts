import { expect, test } from 'vitest'
import type { JsonWebKeySet } from '../../shared/seal/mod.ts'
import { keysIn, sealBy } from './token-seal.ts'

const set = (kid: string): JsonWebKeySet => ({ keys: [{ kty: 'OKP', kid }] })
const tokenWith = (claims: unknown): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`

test('a token hands on a JWKS or its address; one of another kind has none', () => {
  const keys = set('Schlüssel ÿ 🔑')
  expect(keysIn(tokenWith({ drover: { seal: { keys } } }))).toEqual(keys)
  expect(keysIn(tokenWith({ drover: { seal: { keys: '/jwks.json' } } }))).toBe('/jwks.json')
  const others = [tokenWith({}), tokenWith(null), tokenWith({ drover: { seal: { keys: null } } }), 'opaque', '']
  expect(others.map(keysIn)).toEqual(others.map(() => undefined))
})

test('keys are read anew from the latest token, and stay where that has none', async () => {
  let latest: JsonWebKeySet | string | undefined = set('first')
  const seal = sealBy(set('first'), () => latest)
  const kids = async () => {
    if (typeof seal?.keys !== 'function') throw new Error('expected a function, which is asked again')
    return (await seal.keys()).keys.map(({ kid }) => kid)
  }
  expect(await kids()).toEqual(['first'])
  latest = set('second')
  expect(await kids()).toEqual(['second'])
  latest = undefined
  expect(await kids()).toEqual(['first'])
  expect(sealBy('/jwks.json', () => undefined)).toEqual({ keys: '/jwks.json' })
  expect(sealBy(undefined, () => set('late'))).toBeUndefined()
})
