/** Tokens and key sets that somebody made to get in, or to get in the way. */
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { issuerKeys } from './issuer-keys.ts'
import { checkIssuers, type IssuerOptions } from './issuer-options.ts'
import { verifierForPrograms } from './testing.ts'
import { trustIssuer, trustSecret } from './verify.ts'

const now = 1_795_000_000_000
const exp = now / 1000 + 300
const issuer = 'https://id.example'
const pair = await generateKeyPair('RS256', { extractable: true })
const other = await generateKeyPair('RS256', { extractable: true })
const [open, whole, otherOpen] = await Promise.all([pair.publicKey, pair.privateKey, other.publicKey].map(exportJWK))

const ports = {
  clock: { now: () => now, steady: () => 0, timer: () => () => {} },
  problem: () => {},
  fetch: async () => Response.error(),
}
const trusting = (keys: readonly unknown[], options: Partial<IssuerOptions> = {}) =>
  verifierForPrograms(
    trustSecret('0123456789abcdef0123456789abcdef'),
    () => now,
    checkIssuers([{ issuer, jwks: { keys } as never, audience: 'drover', ...options }]).map(one =>
      trustIssuer(one, issuerKeys(one, ports)),
    ),
  )
const sign = (claims: object = {}, header: object = {}, key = pair.privateKey) =>
  new SignJWT({ iss: issuer, aud: 'drover', sub: 'ada', exp, drover: { dispatch: ['*'] }, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'one', ...header })
    .sign(key)

const said = async (verify: (token: string) => Promise<{ owner: string }>, token: string): Promise<string> =>
  verify(token).then(
    ({ owner }) => owner,
    (error: Error) => error.message,
  )

test.each<[string, (keys: { good: JWK }) => unknown[], RegExp | string]>([
  ['a private key alone', () => [{ ...whole, kid: 'one' }], /cannot be read now/],
  ['a private key beside it', ({ good }) => [{ ...whole, kid: 'two' }, good], 'ada'],
  ['a shared secret of the same kid', ({ good }) => [{ kty: 'oct', k: 'c2VjcmV0', kid: 'one' }, good], 'ada'],
  ['one for encryption', () => [{ ...open, kid: 'one', use: 'enc' }], /signature is not by a key of/],
  ['one that may only sign', () => [{ ...open, kid: 'one', key_ops: ['sign'] }], /signature is not by a key of/],
  ['one of another algorithm', () => [{ ...open, kid: 'one', alg: 'RS512' }], /signature is not by a key of/],
  ['one without its parts', () => [{ kty: 'RSA', kid: 'one' }], /key.*cannot be used/],
  ['one whose parts are odd', () => [{ kty: 'RSA', kid: 'one', n: 5, e: {} }], /key.*cannot be used/],
  ['odd members', ({ good }) => [{ kid: 5 }, { kty: 7 }, {}, good], 'ada'],
  ['the same kid twice, of which one fits', ({ good }) => [{ ...otherOpen, kid: 'one' }, good], 'ada'],
  ['the same key twice', ({ good }) => [good, good], 'ada'],
])('a set with %s', async (_what, keysOf, expected) => {
  const found = await said(trusting(keysOf({ good: { ...open, kid: 'one' } })), await sign())
  if (typeof expected === 'string') expect(found).toBe(expected)
  else expect(found).toMatch(expected)
})

test.each<[string, object]>([
  ['a key of its own', { jwk: otherOpen }],
  ['the address of a key', { jku: 'https://evil.example/keys', x5u: 'https://evil.example/x' }],
  ['something critical', { crit: ['exp'], exp: 1 }],
  ['a kid that is a path', { kid: '../../etc/passwd' }],
  ['a kid that is no text', { kid: ['one'] }],
  ['a kid of objects', { kid: '__proto__' }],
])('%s in its header lets nobody in', async (_what, header) => {
  const verify = trusting([{ ...open, kid: 'one' }])
  const token = await sign({}, header, other.privateKey).catch(async () => {
    const [, claims, signature] = (await sign({}, {}, other.privateKey)).split('.')
    return `${btoa(JSON.stringify({ alg: 'RS256', ...header })).replaceAll('=', '')}.${claims}.${signature}`
  })
  expect(await said(verify, token)).toMatch(
    /^The token is refused: (its signature is not by a key of|it is not a signed JWT)/,
  )
})

test.each<[string, object, Partial<IssuerOptions>]>([
  ['an email', { email: 'boss@shop.example', email_verified: false }, { owner: 'email' }],
  ['an email by a path', { email: 'boss@shop.example', email_verified: false }, { owner: ['email'] }],
  ['an email that is verified by 0', { email: 'boss@shop.example', email_verified: 0 }, { owner: 'email' }],
  ['an email that is verified by null', { email: 'boss@shop.example', email_verified: null }, { owner: 'email' }],
  ['a number', { phone_number: '+1', phone_number_verified: 'no' }, { owner: 'phone_number' }],
])('%s that nobody verified is no owner', async (_what, claims, options) => {
  expect(await said(trusting([{ ...open, kid: 'one' }], options), await sign(claims))).toMatch(/is not verified/)
})

test.each<[string, unknown]>([
  ['members of every object', ['__proto__', 'constructor', 'toString', 'hasOwnProperty']],
  ['odd values', [null, 5, {}, ['job-admin'], true, '']],
  ['other letters', ['Job-Admin', 'job-admin ', 'job\u2011admin', 'job-admin\0']],
  ['an object', { 'job-admin': true }],
  ['text in one piece', 'job-admin,viewer'],
])('roles with %s grant nothing', async (_what, roles) => {
  const roleGrants = { 'job-admin': { dispatch: ['*'] } }
  const verify = trusting([{ ...open, kid: 'one' }], {
    roles: ['roles', ['__proto__', 'roles'], 'a.__proto__.b'],
    roleGrants,
  })
  expect(await said(verify, await sign({ roles }))).toMatch(/none of its roles|expected a list of roles/)
})

test.each([
  ['http://id.example/keys', false],
  ['http://127.0.0.1.id.example/keys', false],
  ['HTTP://10.0.0.1/keys', false],
  ['http://localhost:8080/keys', true],
  ['http://[::1]/keys', true],
  ['https://id.example/keys', true],
])('keys by %s: %s', (jwks, isFine) => {
  const check = () => checkIssuers([{ issuer, jwks, audience: 'drover' }])
  if (isFine) expect(check()).toHaveLength(1)
  else expect(check).toThrow(/issuers\.0\.jwks: expected https:/)
})
