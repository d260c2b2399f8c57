import { SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { mintToken } from './mint.ts'
import { createVerifier, trustSecret } from './verify.ts'

const secret = '0123456789abcdef0123456789abcdef'
const key = new TextEncoder().encode(secret)
const now = 1_795_000_000_000
const verify = createVerifier(trustSecret(secret), () => now)
const jwt = (claims: Record<string, unknown>, alg = 'HS256') =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(key)
const exp = now / 1000 + 60

test('a token says who and what for', async () => {
  const token = await mintToken({ secret, sub: 'Ada@x', grants: { dispatch: ['image.*'] }, expiresInMs: 60_000, now })
  expect(await verify(token)).toEqual({
    subject: 'Ada@x',
    owner: '_41da_40x',
    grants: { ns: 'myapp', dispatch: ['image.*'], broadcast: [], work: [], observe: [], workers: false, dead: false },
    isConfiguredUser: false,
    expiresAt: now + 60_000,
  })
})

test('other people’s servers mint them with nothing but a JWT library', async () => {
  expect((await verify(await jwt({ sub: 'a', exp, drover: { work: ['*'] } }))).grants.work).toEqual(['*'])
})

test.each([
  ['an expired one', { sub: 'a', exp: now / 1000 - 60, drover: {} }, /expired/],
  ['one without exp', { sub: 'a', drover: {} }, /"exp"/],
  ['one without sub', { exp, drover: {} }, /"sub"/],
  ['one with an empty sub', { sub: '', exp, drover: {} }, /sub is empty/],
  ['one with a number as sub', { sub: 5, exp, drover: {} }, /sub is empty or not text/],
  ['one with half a surrogate pair as sub', { sub: '\ud800', exp, drover: {} }, /sub is not Unicode/],
  ['one with a long sub', { sub: 'a'.repeat(101), exp, drover: {} }, /over 100 bytes/],
  ['one without drover', { sub: 'a', exp }, /"drover"/],
  ['one whose drover is no object', { sub: 'a', exp, drover: 'all' }, /drover/],
  ['one with a pattern that is none', { sub: 'a', exp, drover: { dispatch: ['>'] } }, /drover\.dispatch/],
  ['one that is not valid yet', { sub: 'a', exp, nbf: now / 1000 + 60, drover: {} }, /"nbf"/],
])('%s is refused', async (_what, claims, message) => {
  await expect(verify(await jwt(claims))).rejects.toThrow(message)
  await expect(verify(await jwt(claims))).rejects.toMatchObject({ code: 'not_authenticated' })
})

test('the token does not choose the algorithm', async () => {
  const claims = { sub: 'a', exp, drover: {} }
  const none = new UnsecuredJWT(claims).encode()
  const hs512 = await new SignJWT(claims).setProtectedHeader({ alg: 'HS512' }).sign(new Uint8Array(64))
  for (const token of [none, hs512, 'eyJ.x.y', '', 'a'.repeat(20_000)]) {
    await expect(verify(token)).rejects.toMatchObject({ code: 'not_authenticated' })
  }
})

test('a token is taken in one spelling alone', async () => {
  const token = await jwt({ sub: 'a', exp, drover: {} })
  const [header = '', claims = '', signature = ''] = token.split('.')
  expect((await verify(token)).subject).toBe('a')
  // 32 bytes leave two bits of the last letter unused
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const spare = [1, 2, 3].map(bits => token.slice(0, -1) + letters[letters.indexOf(token.at(-1)!) + bits])
  for (const [odd, message] of [
    [`${token}=`, /character/],
    [`${token}==`, /character/],
    [`${header}=.${claims}.${signature}`, /character/],
    [`${header}.${claims}=.${signature}`, /character/],
    [` ${token}`, /character/],
    [`${token}\n`, /character/],
    [`${header}.${claims}.\t${signature}`, /character/],
    [`${token.slice(0, -5)} ${token.slice(-5)}`, /character/],
    [`${token.replaceAll('_', '/').replaceAll('-', '+')}+`, /character/],
    [`"${token}"`, /character/],
    [`${token}\u00a0`, /character/],
    ...spare.map(text => [text, /whole bytes/] as const),
    [`${token}A`, /whole bytes|signature/],
    [`${token}AA`, /whole bytes/],
    [`${token}.`, /4 parts/],
    [`${token}.${signature}`, /4 parts/],
    [`.${header}.${claims}.${signature}`, /4 parts/],
    [`${header}..${signature}`, /empty/],
    [`.${claims}.${signature}`, /empty/],
    [`${header}.${claims}.`, /empty/],
    [`${header}.${claims}`, /2 parts/],
    ['', /1 part;/],
  ] as const) {
    await expect(verify(odd), odd).rejects.toThrow(message)
    await expect(verify(odd), odd).rejects.toMatchObject({ code: 'not_authenticated' })
  }
})

test('another secret, or another issuer where one is asked for, is refused', async () => {
  const other = await mintToken({ secret: secret.toUpperCase(), sub: 'a', grants: {}, now })
  await expect(verify(other)).rejects.toThrow(/signature/)
  const picky = createVerifier(trustSecret(secret, 'https://id.example'), () => now)
  await expect(picky(await mintToken({ secret, sub: 'a', grants: {}, now }))).rejects.toThrow(/"iss"/)
  expect(
    (await picky(await mintToken({ secret, sub: 'a', grants: {}, now, issuer: 'https://id.example' }))).subject,
  ).toBe('a')
})

test('what cannot be minted says why', async () => {
  await expect(mintToken({ secret: 'short', sub: 'a', grants: {} })).rejects.toThrow(/32/)
  await expect(mintToken({ secret, sub: '', grants: {} })).rejects.toThrow(/subject/)
  await expect(mintToken({ secret, sub: 'a', grants: { work: ['>'] } })).rejects.toThrow(/grants/)
  await expect(mintToken({ secret, sub: 'a', grants: {}, expiresInMs: 0 })).rejects.toThrow(/0 ms/)
})
