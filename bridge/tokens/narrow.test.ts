/** No token is wider than the one that it comes from, for any request and along any chain. Design section 4. */
import fc from 'fast-check'
import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { allGrants, type Grants, grantCovers } from '../../shared/contract/grants.ts'
import { grantsInclude } from '../../shared/contract/token-grants.ts'
import type { Identity } from '../identity.ts'
import { mintToken } from './mint.ts'
import {
  adas,
  ask,
  at,
  decodePayload,
  jobs,
  originOf,
  pages,
  provider,
  providerKey,
  revocations,
  secrets,
  start,
  tasks,
  verifierBy,
  verifyToken,
} from './narrow-testing.ts'

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
      now: at.now,
      ...of,
    })
  }
  const claims = { drover: { ...grants, ...of }, jti: 'idp', nbf: at.now / 1000 }
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setIssuer(provider).setSubject('ada')
  return await jwt.setExpirationTime(at.now / 1000 + seconds).sign(providerKey)
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
      at.now = start
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
      at.now = end + 5_000
      for (const token of chain) await expect(verifyToken(token, originOf(token))).rejects.toThrow(/has expired/)
    }),
    { numRuns: 150 },
  )
  expect(given).toBeGreaterThan(60)
}, 60_000)

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
