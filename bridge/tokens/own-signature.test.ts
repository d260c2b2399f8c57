import { base64url, compactVerify } from 'jose'
import { expect, test } from 'vitest'
import { createMac } from '../grants/mac.ts'
import { readOwn } from './own-signature.ts'

const secrets = ['0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210']
const macs = secrets.map(createMac)
const payload = '{"sub":"ada"}'

/** A token with any header, which a holder of the secret signed by HMAC-SHA256 all the same. */
const signed = (header: unknown, secret = secrets[0]!): string => {
  const text = `${base64url.encode(typeof header === 'string' ? header : JSON.stringify(header))}.${base64url.encode(payload)}`
  return `${text}.${createMac(secret)(text)}`
}
const found = (token: string): unknown => {
  const own = readOwn(token, macs)
  return own && [new TextDecoder().decode(own.payload), own.secret]
}

test('takes the right signature by any of the secrets, as jose does', async () => {
  for (const [at, secret] of secrets.entries()) {
    for (const header of [{ alg: 'HS256' }, { typ: 'JWT', alg: 'HS256', kid: 'x' }, { alg: 'HS256', b64: false }]) {
      const token = signed(header, secret)
      expect(found(token)).toEqual([payload, at])
      const { payload: judged } = await compactVerify(token, new TextEncoder().encode(secret), {
        algorithms: ['HS256'],
      })
      expect(new TextDecoder().decode(judged)).toBe(payload)
    }
  }
})

test.each<[string, string]>([
  ['another algorithm', signed({ alg: 'HS512' })],
  ['no signature, by its header', signed({ alg: 'none' })],
  ['no algorithm', signed({ typ: 'JWT' })],
  ['something critical', signed({ alg: 'HS256', crit: ['exp'], exp: 1 })],
  ['nothing critical', signed({ alg: 'HS256', crit: [] })],
  ['a header that is no object', signed('5')],
  ['a header that is no JSON', signed('{')],
  ['another secret', signed({ alg: 'HS256' }, 'ffffffffffffffffffffffffffffffff')],
  ['no signature', `${signed({ alg: 'HS256' }).split('.', 2).join('.')}.`],
  ['a part of a signature', signed({ alg: 'HS256' }).slice(0, -4)],
])('leaves a token with %s to jose', (_what, token) => {
  expect(found(token)).toBe(undefined)
})
