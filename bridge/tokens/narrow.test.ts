/** No token is wider than the one that it comes from, for any request and along any chain. Design section 4. */
import fc from 'fast-check'
import { Hono } from 'hono'
import { decodeProtectedHeader, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { DroverError } from '../../shared/contract/errors.ts'
import { allGrants, type Grants, grantCovers } from '../../shared/contract/grants.ts'
import { grantsInclude } from '../../shared/contract/token-grants.ts'
import { Users } from '../access/users.ts'
import { issueToken } from '../http/token.ts'
import type { Identity } from '../identity.ts'
import { defaultLimits } from '../limits.ts'
import { mintToken } from './mint.ts'
import { Revocations } from './revocations.ts'
import { createVerifier, type Trust, trustSecret } from './verify.ts'

const secrets = ['the new secret, of 32 bytes or more', 'the old secret, of 32 bytes or more'] as const
const providerKey = new TextEncoder().encode('the key of an identity provider, long')
const provider = 'https://id.example'
const start = 1_795_000_000_000
let now = start
const revocations = new Revocations(undefined, () => now)
/** As an identity provider, whose tokens are taken a minute past their end. */
const { macs: _, ...ofSecret } = trustSecret(secrets[0])
const trusted: Trust = { ...ofSecret, key: [providerKey], issuer: provider, lateS: 60 }
const verifierBy = (keys: readonly string[], issuers: readonly Trust[]) =>
  createVerifier(
    trustSecret(keys),
    () => now,
    issuers,
    identity => revocations.isRevoked(identity),
  )
const verifyToken = verifierBy(secrets, [trusted])

const caller = { address: '127.0.0.1', scheme: undefined }
const options = {
  base: '',
  secrets,
  issuer: undefined,
  users: Object.create(Users.prototype) as Users,
  verifyToken,
  handOnSeal: (identity: Identity) => identity,
  signIn: undefined,
  hasDefaultPassword: false,
  limits: defaultLimits,
  onEvent() {},
  now: () => now,
}
const app = new Hono()
app.post('/token', context => issueToken(context, caller, options))
app.onError((error, context) =>
  error instanceof DroverError
    ? context.json({ code: error.code, message: error.message }, 400)
    : context.text('', 500),
)

interface Answer {
  readonly token?: string
  readonly code?: string
  readonly message?: string
}
async function ask(parent: string, body: unknown, origin?: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${parent}`, ...(origin === undefined ? {} : { origin }) }
  const response = await app.request('/token', { method: 'POST', headers, body: JSON.stringify(body) })
  expect(response.status).toBeLessThan(500)
  return (await response.json()) as Answer
}

const pages = ['https://a.example', 'https://b.example', 'http://a.example', 'app://localhost'] as const
const tasks = ['a', 'a.b', 'a.b.c', 'c', 'a-b'] as const
const jobs = tasks
  .slice(0, 2)
  .flatMap(task =>
    [
      '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11',
      '3F0CDD1C-13F4-4B3C-9C0B-0D6F6F1F2A11',
      '00000000-0000-4000-8000-000000000000',
    ].map(request_id => ({ task, request_id })),
  )
const patterns = fc.subarray(['a', 'a.*', 'a.b', 'a.b.*', 'c', '*'])
const lists = ['dispatch', 'broadcast', 'work', 'observe', 'operate'] as const
const grantsOf = fc.record(
  {
    ns: fc.constantFrom('myapp', 'myapp', 'myapp', 'other'),
    ...Object.fromEntries(lists.map(list => [list, patterns])),
    workers: fc.boolean(),
    dead: fc.boolean(),
    admin: fc.boolean(),
    seal: fc.constantFrom({ keys: 'https://k.example/a' }, { keys: 'https://k.example/b' }),
  },
  { requiredKeys: [] },
)
const bounds = {
  uses: fc.integer({ min: 1, max: 3 }),
  origin: fc.oneof(fc.constantFrom(...pages), fc.subarray([...pages], { minLength: 1 })),
  job: fc.constantFrom(...jobs),
}
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { freq: 1, nil: undefined })
const requests = fc.record({
  grants: rarely(grantsOf),
  expires_in_ms: rarely(fc.integer({ min: 1_000, max: 200_000_000 })),
  uses: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: bounds.uses }),
  origin: rarely(bounds.origin),
  job: rarely(bounds.job),
})

async function parentOf(by: 'first' | 'second' | 'provider', of: object, grants: object, seconds: number) {
  if (by !== 'provider') {
    const secret = secrets[by === 'first' ? 0 : 1]
    return await mintToken({
      secret,
      sub: 'ada',
      grants: grants as Partial<Grants>,
      expiresInMs: seconds * 1000,
      now,
      ...of,
    })
  }
  const claims = { drover: { ...grants, ...of }, jti: 'idp', nbf: now / 1000 }
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setIssuer(provider).setSubject('ada')
  return await jwt.setExpirationTime(now / 1000 + seconds).sign(providerKey)
}

/** Everything that a token might allow, asked one by one. */
function expectWithin(inner: Identity, outer: Identity): void {
  const plain = ({ seal: _, ...grants }: Grants): Grants => grants
  expect(grantsInclude(plain(outer.grants), plain(inner.grants))).toBe(true)
  for (const list of lists)
    for (const task of tasks)
      if (grantCovers(inner.grants[list], task)) expect(grantCovers(outer.grants[list], task)).toBe(true)
  if (inner.grants.seal !== undefined) expect(inner.grants.seal).toEqual(outer.grants.seal)
  expect(inner.subject).toBe(outer.subject)
  expect(inner.expiresAt).toBeLessThanOrEqual(outer.expiresAt!)
  expect(outer.bounds?.uses).toBe(undefined) // it has no children
  for (const page of outer.bounds?.origin === undefined ? [] : pages) {
    const isFor = ({ bounds: { origin } = {} }: Identity) => origin === undefined || origin.includes(page)
    if (isFor(inner)) expect(isFor(outer)).toBe(true)
  }
  const { job } = outer.bounds ?? {}
  if (job !== undefined) expect([inner.bounds?.job, inner.owner]).toEqual([job, outer.owner])
  else if (inner.bounds?.job !== undefined) {
    const may = (list: 'dispatch' | 'broadcast') => grantCovers(outer.grants[list], inner.bounds!.job!.task)
    expect([may('dispatch') || may('broadcast'), inner.owner]).toEqual([true, 'ada_job'])
  }
}

test('chains of random requests never widen, and end with each token that they come from', async () => {
  let given = 0
  const parents = fc.tuple(
    fc.constantFrom('first' as const, 'second' as const, 'provider' as const),
    fc.oneof(fc.constant({}), fc.record({ origin: bounds.origin }), fc.record({ uses: bounds.uses })),
    fc.oneof(grantsOf, fc.constant({ ...allGrants, admin: true })),
    fc.integer({ min: 2, max: 90_000 }),
  )
  await fc.assert(
    fc.asyncProperty(parents, fc.array(requests, { minLength: 1, maxLength: 4 }), async (parent, asked) => {
      now = start
      const chain = [await parentOf(...parent)]
      for (const request of asked) {
        const last = chain.at(-1)!
        const { origin } = decodePayload(last)
        const { token } = await ask(last, request, origin?.[0])
        if (token === undefined) continue
        given++
        const [outer, inner] = await Promise.all([verifyToken(last, origin?.[0]), verifyToken(token, originOf(token))])
        expectWithin(inner, outer)
        chain.push(token)
      }
      // Each goes with the secret of the first, with the trust in its provider, and at its end
      const only = parent[0] === 'second' ? secrets[0] : secrets[1]
      const without = verifierBy(parent[0] === 'provider' ? secrets : [only], [])
      for (const token of chain)
        await expect(without(token, originOf(token))).rejects.toMatchObject({ code: 'not_authenticated' })
      const end = Math.max(
        ...(await Promise.all(chain.map(async one => (await verifyToken(one, originOf(one))).expiresAt!))),
      )
      now = end + 5_000
      for (const token of chain) await expect(verifyToken(token, originOf(token))).rejects.toThrow(/has expired/)
    }),
    { numRuns: 150 },
  )
  expect(given).toBeGreaterThan(60)
}, 60_000)

const decodePayload = (token: string): { origin?: string[]; jti: string } => {
  const claims = JSON.parse(atob(token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')))
  const { origin } = claims.drover
  return { ...claims, origin: typeof origin === 'string' ? [origin] : origin }
}
const originOf = (token: string): string | undefined => decodePayload(token).origin?.[0]
const adas = (more: object = {}, grants: Partial<Grants> = { dispatch: ['*'] }): Promise<string> => {
  now = start
  return mintToken({ secret: secrets[0], sub: 'ada', grants, now, ...more })
}

const long = (count: number): string[] => Array.from({ length: count }, (_, at) => `https://${at}.example`)
test.each<[unknown, RegExp]>([
  [{ uses: 0 }, /The uses is not as expected.*uses \(1 to 100\)/],
  [{ uses: 101 }, /uses \(1 to 100\)/],
  [{ uses: 1.5 }, /The uses/],
  [{ uses: '1' }, /The uses/],
  [{ uses: null }, /The uses/],
  [{ use: 1 }, /nothing else/],
  [{ Uses: 1 }, /nothing else/],
  [{ origins: ['https://a.example'] }, /nothing else/],
  [{ jti: 'x' }, /nothing else/],
  [{ from: 'x' }, /nothing else/],
  [JSON.parse('{"__proto__":{"uses":1}}'), /nothing else/],
  [{ constructor: {} }, /nothing else/],
  [{ origin: [] }, /The origin.*such as "https:\/\/shop.example"/],
  [{ origin: null }, /The origin/],
  [{ origin: 'null' }, /The origin/],
  [{ origin: {} }, /The origin/],
  [{ origin: 'https://shop.example/' }, /The origin/],
  [{ origin: 'https://Shop.example' }, /The origin/],
  [{ origin: 'https://shop.example:443' }, /The origin/],
  [{ origin: 'https://*.shop.example' }, /The origin/],
  [{ origin: '*' }, /The origin/],
  [{ origin: 'https://a.example,https://b.example' }, /The origin/],
  [{ origin: 'https://user@a.example' }, /The origin/],
  [{ origin: 'shop.example' }, /The origin/],
  [{ origin: 'file:///' }, /The origin/],
  [{ origin: [['https://a.example']] }, /The origin/],
  [{ origin: long(21) }, /The origin/],
  [{ origin: `https://${'a'.repeat(300)}.example` }, /The origin/],
  [{ job: 'a' }, /The job is not as expected/],
  [{ job: { task: 'a' } }, /The job.request_id/],
  [{ job: { task: 'a.>', request_id: jobs[0]!.request_id } }, /The job.task/],
  [{ job: { ...jobs[0], more: 1 } }, /The job/],
  [{ job: { task: 'a', request_id: 'x' } }, /The job.request_id/],
  [{ job: [jobs[0]] }, /The job/],
  [{ job: jobs[0], grants: { dispatch: ['a'] } }, /A token for one job has no grants/],
  [{ grants: { uses: 1 } }, /"uses" is no grant; it stands beside grants/],
  [{ grants: { job: jobs[0] } }, /"job" is no grant/],
])('a request for %j is refused, and says what was expected', async (body, message) => {
  expect(await ask(await adas(), body)).toMatchObject({
    code: 'message_invalid',
    message: expect.stringMatching(message),
  })
})

test('a request for more than there is says of what', async () => {
  const [page, other] = pages
  const bound = await adas({ origin: page })
  const link = await adas({ job: jobs[0] }, {})
  for (const [parent, body, origin, message] of [
    [bound, { origin: other }, page, /is not for pages of "https:\/\/b.example"/],
    [bound, { origin: [page, other] }, page, /not for pages of/],
    [bound, {}, other, /for pages of other origins, and this comes from "https:\/\/b.example"/],
    [bound, {}, undefined, /comes from no page: it has no Origin/],
    [bound, {}, 'null', /comes from "null"/],
    [link, { job: jobs[2] }, undefined, /is for another job/],
    [link, { job: jobs[3] }, undefined, /is for another job/],
    [link, { grants: { dispatch: ['a'] } }, undefined, /these grants are wider/],
    [await adas({ uses: 5 }), {}, undefined, /A token with uses opens sessions at \/stomp/],
    [
      await adas({}, { work: ['*'], observe: ['*'], operate: ['*'], workers: true }),
      { job: jobs[0] },
      undefined,
      /right to dispatch or broadcast/,
    ],
    [await adas({}, { dispatch: ['b'] }), { job: jobs[0] }, undefined, /right to dispatch or broadcast/],
  ] as const) {
    expect(await ask(parent, body, origin)).toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(message),
    })
  }
})

test('every token that comes from a revoked one is refused, and chains have an end', async () => {
  const chain = [await adas()]
  for (;;) {
    const { token, code } = await ask(chain.at(-1)!, {})
    if (token === undefined) {
      expect(code).toBe('forbidden')
      break
    }
    chain.push(token)
  }
  expect(chain.length).toBeGreaterThan(20)
  const revokedAt = chain.length - 2
  await revocations.revoke({ jti: decodePayload(chain[revokedAt]!).jti })
  for (const [at, token] of chain.entries()) {
    const verified = verifyToken(token, undefined)
    if (at < revokedAt) await verified
    else await expect(verified).rejects.toThrow(/was revoked/)
  }
})

test('the jti of another minter may have as many dots as it likes', async () => {
  const jti = `${'a.'.repeat(200)}z`
  const { token } = await ask(await adas({ jti }), {})
  await verifyToken(token!, undefined)
  await revocations.revoke({ jti })
  await expect(verifyToken(token!, undefined)).rejects.toThrow(/was revoked/)
})

test('a bound that a bridge does not know is refused, and an older bridge knows none of them', async () => {
  const token = await adas({ uses: 1, origin: pages[0] })
  expect(decodeProtectedHeader(token)).toMatchObject({ crit: ['drover'], drover: ['uses', 'origin'] })
  expect(decodeProtectedHeader(await adas())).not.toHaveProperty('crit')
  const jwt = new SignJWT({ sub: 'ada', exp: start / 1000 + 60, drover: { hours: [9, 17] } })
  jwt.setProtectedHeader({ alg: 'HS256', crit: ['drover'], drover: ['hours'] })
  const later = await jwt.sign(new TextEncoder().encode(secrets[0]), { crit: { drover: true } })
  await expect(verifyToken(later, undefined)).rejects.toThrow(/bounds that this bridge does not know/)
})

test.each([
  [{ uses: '1' }, /bounds do not fit: uses/],
  [{ uses: 1e9 }, /bounds do not fit: uses/],
  [{ uses: 1 }, /it has uses.*mint both/],
  [{ origin: [] }, /bounds do not fit: origin/],
  [{ origin: 'null' }, /bounds do not fit: origin/],
  [{ job: {} }, /bounds do not fit: job/],
  [{ from: 5 }, /its "from" is a number/],
  [{ from: 'https://gone.example' }, /identity provider that this bridge does not trust/],
])('a token of another minter with %j is refused', async (drover, message) => {
  now = start
  const jwt = new SignJWT({ sub: 'ada', exp: start / 1000 + 60, drover }).setProtectedHeader({ alg: 'HS256' })
  await expect(verifyToken(await jwt.sign(new TextEncoder().encode(secrets[0])), undefined)).rejects.toThrow(message)
})
