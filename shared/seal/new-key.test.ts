import { expect, it } from 'vitest'
import { newKey, publicKeys } from './mod.ts'

it('gives out nothing private of any key in a set, also of kinds that are not made here', async () => {
  const secret = 'c2VjcmV0'
  const rsa = { kty: 'RSA', kid: 'r', n: 'n', e: 'AQAB', d: secret, p: secret, q: secret, dp: secret, dq: secret }
  const others = [
    { ...rsa, qi: secret, oth: [{ r: secret }] },
    { kty: 'AKP', kid: 'q', pub: 'pub', priv: secret },
    { kty: 'oct', kid: 'o', k: secret },
    { kid: 'no kty', k: secret },
  ]
  const keys = [await newKey('x25519'), await newKey('p-256'), await newKey('ed25519'), ...others]
  const open = publicKeys({ keys })
  expect(JSON.stringify(open)).not.toContain(secret)
  expect(open.keys.at(-1)).toEqual({ kty: 'RSA', kid: 'r', n: 'n', e: 'AQAB' })
  const text = JSON.stringify(open)
  for (const { d } of keys.slice(0, 3) as { d: string }[]) expect(text).not.toContain(d)
  expect(open.keys.map(({ kid }) => kid)).toEqual([...keys.slice(0, 3).map(({ kid }) => kid), 'r'])
})
