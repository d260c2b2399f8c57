import { readFile } from 'node:fs/promises'
import { SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { noGrants } from '../../shared/contract/grants.ts'
import { mintToken } from './mint.ts'
import { verifierForPrograms } from './testing.ts'
import { trustSecret } from './verify.ts'

const secret = '0123456789abcdef0123456789abcdef'
const key = new TextEncoder().encode(secret)
const now = 1_795_000_000_000
const verify = verifierForPrograms(trustSecret(secret), () => now)
const jwt = (claims: Record<string, unknown>, alg = 'HS256') =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(key)
const exp = now / 1000 + 60

test('a token says its user and grants', async () => {
  const token = await mintToken({ secret, sub: 'Ada@x', grants: { dispatch: ['image.*'] }, expiresInMs: 60_000, now })
  expect(await verify(token)).toEqual({
    subject: 'Ada@x',
    owner: '_41da_40x',
    grants: { ...noGrants, dispatch: ['image.*'] },
    isConfiguredUser: false,
    expiresAt: now + 60_000,
    token: { jti: expect.stringMatching(/^[\w-]{20,}$/), issuedAt: now, secret: 0 },
  })
})

test('other people’s servers mint them with nothing but a JWT library', async () => {
  expect((await verify(await jwt({ sub: 'a', exp, drover: { work: ['*'] } }))).grants.work).toEqual(['*'])
})

test.each([
  [
    'an expired one',
    { sub: 'a', exp: now / 1000 - 60, drover: {} },
    /has expired at 2026-11-18T11:05:40.000Z, this bridge's clock says 2026-11-18T11:06:40.000Z/,
  ],
  ['one that expired 6 s ago', { sub: 'a', exp: now / 1000 - 6, drover: {} }, /has expired at/],
  ['one without exp', { sub: 'a', drover: {} }, /no "exp": mint exp, .* in s since the epoch/],
  ['one with text as exp', { sub: 'a', exp: String(exp), drover: {} }, /"exp" is text; expected s .* as a number/],
  ['one with null as exp', { sub: 'a', exp: null, drover: {} }, /"exp" is null/],
  ['one with a negative exp', { sub: 'a', exp: -1, drover: {} }, /"exp" is negative/],
  ['one with ms as exp', { sub: 'a', exp: exp * 1000, drover: {} }, /"exp" is after the year 9999, as ms would be/],
  ['one with a list as exp', { sub: 'a', exp: [exp], drover: {} }, /"exp" is a list/],
  ['one with text as iat', { sub: 'a', exp, iat: 'now', drover: {} }, /"iat" is text/],
  ['one with a negative iat', { sub: 'a', exp, iat: -5, drover: {} }, /"iat" is negative/],
  ['one with text as nbf', { sub: 'a', exp, nbf: '', drover: {} }, /"nbf" is text/],
  ['one with ms as nbf', { sub: 'a', exp, nbf: now, drover: {} }, /"nbf" is after the year 9999/],
  ['one with true as nbf', { sub: 'a', exp, nbf: true, drover: {} }, /"nbf" is true or false/],
  ['one without sub', { exp, drover: {} }, /no "sub": mint sub, text/],
  ['one with an empty sub', { sub: '', exp, drover: {} }, /sub is empty; expected text/],
  ['one with a number as sub', { sub: 5, exp, drover: {} }, /sub is a number; expected text/],
  ['one with null as sub', { sub: null, exp, drover: {} }, /sub is null; expected text/],
  ['one with a line break in sub', { sub: 'a\nb', exp, drover: {} }, /sub has a control character/],
  ['one with a NEL in sub', { sub: 'a\u0085', exp, drover: {} }, /sub has a control character/],
  ['one with half a surrogate pair as sub', { sub: '\ud800', exp, drover: {} }, /sub is not Unicode/],
  ['one with a long sub', { sub: 'a'.repeat(101), exp, drover: {} }, /over 100 bytes/],
  ['one without drover', { sub: 'a', exp }, /no "drover": mint drover/],
  ['one whose drover is no object', { sub: 'a', exp, drover: 'all' }, /drover is text; expected an object/],
  ['one whose drover is a list', { sub: 'a', exp, drover: [] }, /drover is a list; expected an object/],
  ['one whose drover is null', { sub: 'a', exp, drover: null }, /drover is null; expected an object/],
  ['one with a pattern that is none', { sub: 'a', exp, drover: { dispatch: ['>'] } }, /drover\.dispatch/],
  ['one with text for a list', { sub: 'a', exp, drover: { dispatch: '*' } }, /drover\.dispatch/],
  [
    'one that is not valid yet',
    { sub: 'a', exp: exp + 600, nbf: now / 1000 + 61, drover: {} },
    /not valid before 2026-11-18T11:07:41.000Z \(its "nbf"\), this bridge's clock says 2026-11-18T11:06:40.000Z/,
  ],
])('%s is refused', async (_what, claims, message) => {
  await expect(verify(await jwt(claims))).rejects.toThrow(message)
  await expect(verify(await jwt(claims))).rejects.toMatchObject({ code: 'not_authenticated' })
})

/** The claims of an input, with times that are written `now+6`. */
async function claimsOf(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(new URL(`../../test/cases/inputs/${file}`, import.meta.url), 'utf8')
  return JSON.parse(text, (_key, value) => {
    const later = typeof value === 'string' ? /^now\+([0-9]+)/.exec(value)?.[1] : undefined
    return later === undefined ? value : now / 1000 + Number(later)
  })
}

test('a server whose clock is ahead by a minute mints tokens that are taken, and ends may have fractions', async () => {
  const ahead = await claimsOf('C28-nbf.json')
  for (const early of [6, 30, 59.5, 60]) {
    const times = { iat: now / 1000 + early, nbf: now / 1000 + early }
    expect((await verify(await jwt({ ...ahead, ...times }))).subject, String(early)).toBe('ada')
  }
  expect((await verify(await jwt({ sub: 'a', exp: exp + 0.5, drover: {}, aud: ['x'], iss: 5 }))).expiresAt).toBe(
    now + 60_500,
  )
  expect((await verify(await jwt({ sub: 'a', exp: now / 1000 - 4, drover: {} }))).expiresAt).toBe(now - 4_000)
})

test('a token without sub is told to mint one', async () => {
  await expect(verify(await jwt(await claimsOf('C29-no-sub.json')))).rejects.toThrow(/it has no "sub": mint sub, text/)
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
  const picky = verifierForPrograms(trustSecret(secret, 'https://id.example'), () => now)
  await expect(picky(await mintToken({ secret, sub: 'a', grants: {}, now }))).rejects.toThrow(/"iss"/)
  expect(
    (await picky(await mintToken({ secret, sub: 'a', grants: {}, now, issuer: 'https://id.example' }))).subject,
  ).toBe('a')
})

test('of several secrets each proves, and each is long enough', async () => {
  const old = secret.toUpperCase()
  const either = verifierForPrograms(trustSecret([secret, old]), () => now)
  for (const one of [secret, old]) {
    expect((await either(await mintToken({ secret: one, sub: 'a', grants: {}, now }))).subject).toBe('a')
  }
  const other = await mintToken({ secret: `${secret} `, sub: 'a', grants: {}, now })
  await expect(either(other)).rejects.toThrow(/signature is not by this bridge's secret/)
  expect(() => trustSecret([secret, 'short'])).toThrow(/5 bytes; expected at least 32/)
  expect(() => trustSecret([])).toThrow(/expected one at least/)
})

test('options that make no token are refused with the reason', async () => {
  await expect(mintToken({ secret: 'short', sub: 'a', grants: {} })).rejects.toThrow(/32/)
  await expect(mintToken({ secret, sub: '', grants: {} })).rejects.toThrow(/subject/)
  await expect(mintToken({ secret, sub: 'a\tb', grants: {} })).rejects.toThrow(/control character/)
  await expect(mintToken({ secret, sub: 'a', grants: { work: ['>'] } })).rejects.toThrow(/grants/)
  await expect(mintToken({ secret, sub: 'a', grants: {}, expiresInMs: 0 })).rejects.toThrow(/0 ms/)
})
