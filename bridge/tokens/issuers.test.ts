/** Tokens of identity providers: the shapes of five of them, the mapping of their claims, and tokens that are not believed. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { issuerKeys } from './issuer-keys.ts'
import { checkIssuers, type IssuerAlgorithm, type IssuerOptions, issuerAlgorithms } from './issuer-options.ts'
import { verifierForPrograms } from './testing.ts'
import { trustIssuer, trustSecret } from './verify.ts'

const now = 1_795_000_000_000
const exp = now / 1000 + 300
const secret = '0123456789abcdef0123456789abcdef'

const pairs = new Map(
  await Promise.all(
    issuerAlgorithms.map(async alg => {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
      return [alg, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: alg, alg, use: 'sig' } }] as const
    }),
  ),
)
const jwks = { keys: [...pairs.values()].map(({ jwk }) => jwk) }

const clock = { now: () => now, steady: () => 0, timer: () => () => {} }
const ports = { clock, problem: () => {}, fetch: async () => Response.error() }

const sign = (claims: Record<string, unknown>, alg: IssuerAlgorithm = 'RS256', kid: string = alg): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(pairs.get(alg)!.privateKey)

const verifierOf = (...issuers: IssuerOptions[]) =>
  verifierForPrograms(
    trustSecret(secret),
    () => now,
    checkIssuers(issuers).map(one => trustIssuer(one, issuerKeys(one, ports))),
  )

/** Given by each provider's own documentation; not run against the providers. */
const shapes: readonly { name: string; claims: JWTPayload; options: Omit<IssuerOptions, 'jwks'>; owner: string }[] = [
  {
    name: 'Keycloak: an access token with roles of the realm and of a client',
    claims: {
      iss: 'https://id.example/realms/shop',
      aud: ['drover', 'account'],
      sub: 'b1d7a3d0-4f0f-4b43-a3a2-63e1b5e1f5a1',
      typ: 'Bearer',
      azp: 'shop-web',
      scope: 'openid email profile',
      preferred_username: 'ada',
      email: 'ada@example.org',
      email_verified: true,
      realm_access: { roles: ['offline_access', 'job-admin'] },
      resource_access: { drover: { roles: ['watcher'] } },
    },
    options: {
      issuer: 'https://id.example/realms/shop',
      audience: 'drover',
      owner: 'preferred_username',
      roles: ['realm_access.roles', 'resource_access.drover.roles'],
      roleGrants: { 'job-admin': { dispatch: ['*'] }, watcher: { observe: ['image.*'] } },
    },
    owner: 'ada',
  },
  {
    name: 'Auth0: an access token with roles in a claim that is named by a URL',
    claims: {
      iss: 'https://shop.eu.auth0.com/',
      aud: ['https://jobs.example', 'https://shop.eu.auth0.com/userinfo'],
      sub: 'auth0|65f0a1',
      azp: 'ZQ3',
      scope: 'openid profile',
      'https://example.org/roles': ['job-admin', 'watcher'],
      permissions: ['read:jobs'],
    },
    options: {
      issuer: 'https://shop.eu.auth0.com/',
      audience: 'https://jobs.example',
      roles: 'https://example.org/roles',
      roleGrants: { 'job-admin': { dispatch: ['*'] }, watcher: { observe: ['image.*'] } },
    },
    owner: 'auth0|65f0a1',
  },
  {
    name: 'Cognito: an access token, which has a client and no audience',
    claims: {
      iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a1B2c3D4e',
      sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      client_id: '6abcde',
      token_use: 'access',
      'cognito:groups': ['job-admin', 'watcher'],
      scope: 'aws.cognito.signin.user.admin',
      username: 'ada',
    },
    options: {
      issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a1B2c3D4e',
      audience: '6abcde',
      audienceClaim: 'client_id',
      owner: 'username',
      roles: 'cognito:groups',
      roleGrants: { 'job-admin': { dispatch: ['*'] }, watcher: { observe: ['image.*'] } },
    },
    owner: 'ada',
  },
  {
    name: 'Entra ID: a v2.0 access token with app roles and scopes',
    claims: {
      iss: 'https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0',
      aud: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
      oid: '00000000-0000-0000-66f3-3332eca7ea81',
      tid: '9122040d-6c67-4c5b-b112-36a304b66dad',
      preferred_username: 'ada@example.org',
      roles: ['job-admin'],
      scp: 'jobs.watch user.read',
      ver: '2.0',
    },
    options: {
      issuer: 'https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0',
      audience: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      owner: 'oid',
      roles: ['roles', 'scp'],
      roleGrants: { 'job-admin': { dispatch: ['*'] }, 'jobs.watch': { observe: ['image.*'] } },
    },
    owner: '00000000-0000-0000-66f3-3332eca7ea81',
  },
  {
    name: 'Okta: an access token with a list of scopes and a claim of groups',
    claims: {
      iss: 'https://shop.okta.com/oauth2/default',
      aud: 'api://default',
      sub: 'ada@example.org',
      cid: '0oa1',
      uid: '00u1',
      scp: ['openid', 'jobs.watch'],
      groups: ['Everyone', 'job-admin'],
    },
    options: {
      issuer: 'https://shop.okta.com/oauth2/default',
      audience: ['api://default'],
      roles: ['groups', 'scp'],
      roleGrants: { 'job-admin': { dispatch: ['*'] }, 'jobs.watch': { observe: ['image.*'] } },
    },
    owner: 'ada@example.org',
  },
]

describe.each(shapes)('$name', ({ claims, options, owner }) => {
  const issuer = { ...options, jwks }

  test('has an owner, and the grants of all its roles', async () => {
    const identity = await verifierOf(issuer)(await sign({ ...claims, exp, iat: exp - 300 }))
    expect(identity).toMatchObject({ subject: owner, expiresAt: (exp + 60) * 1000, isConfiguredUser: false })
    expect(identity.grants).toMatchObject({ ns: 'myapp', dispatch: ['*'], observe: ['image.*'], work: [], dead: false })
  })

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['is for somebody else', { aud: 'other', client_id: 'other' }, /is for somebody else; this bridge takes/],
    ['is over', { exp: now / 1000 - 61 }, /has expired/],
    ['is not valid yet', { nbf: now / 1000 + 61 }, /not valid before/],
    ['has no end', { exp: undefined }, /has no "exp"/],
  ])('is refused when it %s', async (_what, changed, message) => {
    await expect(verifierOf(issuer)(await sign({ ...claims, exp, ...changed }))).rejects.toThrow(message)
  })

  test('its clock may differ by a minute', async () => {
    await verifierOf(issuer)(await sign({ ...claims, exp: now / 1000 - 59, nbf: now / 1000 + 59 }))
  })
})

const simple: IssuerOptions = { issuer: 'https://id.example', jwks, audience: 'drover' }
const ada = { iss: 'https://id.example', aud: 'drover', sub: 'ada', exp, drover: { dispatch: ['*'] } }

test.each(issuerAlgorithms)('%s proves a token where the configuration has it, and nowhere else', async alg => {
  const token = await sign(ada, alg)
  expect(await verifierOf({ ...simple, algorithms: [alg] })(token)).toMatchObject({ owner: 'ada' })
  const others = issuerAlgorithms.filter(other => other !== alg)
  await expect(verifierOf({ ...simple, algorithms: others })(token)).rejects.toThrow(/signed in another way/)
})

test('a token by the public key as a shared secret is refused, as is one by the secret of the bridge', async () => {
  const verify = verifierOf({ ...simple, algorithms: [...issuerAlgorithms] })
  const { jwk } = pairs.get('RS256')!
  for (const key of [JSON.stringify(jwk), secret]) {
    const token = await new SignJWT(ada).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(key))
    await expect(verify(token)).rejects.toThrow(/signed in another way/)
  }
})

test('a token that names no issuer of the list is held against the secret of the bridge', async () => {
  const { iss: _, ...claims } = ada
  const own = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret))
  expect(await verifierOf(simple)(own)).toMatchObject({ owner: 'ada' })
  await expect(verifierOf(simple)(await sign(claims))).rejects.toThrow(/signed in another way/)
  await expect(verifierOf(simple)(await sign({ ...ada, iss: 'https://id.example/' }))).rejects.toThrow(/another way/)
})

test('a key of the other provider proves nothing', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const theirs = { keys: [{ ...(await exportJWK(publicKey)), kid: 'RS256' }] }
  const verify = verifierOf(
    { ...simple, ownerPrefix: 'a:' },
    { ...simple, issuer: 'https://other.example', jwks: theirs, ownerPrefix: 'o:' },
  )
  const signed = (iss: string) =>
    new SignJWT({ ...ada, iss }).setProtectedHeader({ alg: 'RS256', kid: 'RS256' }).sign(privateKey)
  await expect(verify(await signed('https://id.example'))).rejects.toThrow(/not by a key of https:\/\/id.example/)
})

describe('two providers', () => {
  test('have no owner in common', async () => {
    const other = { ...simple, issuer: 'https://other.example', ownerPrefix: 'other:' }
    const verify = verifierOf({ ...simple, ownerPrefix: 'one:' }, other)
    expect((await verify(await sign(ada))).subject).toBe('one:ada')
    expect((await verify(await sign({ ...ada, iss: 'https://other.example' }))).subject).toBe('other:ada')
  })

  test.each([
    ['without prefixes', undefined, undefined],
    ['of which one is without', undefined, 'a:'],
    ['with the same prefix', 'a:', 'a:'],
    ['with a prefix that begins the other', 'a:', 'a:b:'],
  ])('%s are refused', (_what, ownerPrefix, otherPrefix) => {
    const other = { ...simple, issuer: 'https://other.example', ownerPrefix: otherPrefix }
    const error =
      /issuers\.1\.ownerPrefix: people of https:\/\/id.example and https:\/\/other.example could be one owner/
    expect(() => checkIssuers([{ ...simple, ownerPrefix }, other])).toThrow(error)
  })
})

describe('claims', () => {
  test.each<[string, Record<string, unknown>, Partial<IssuerOptions>, RegExp]>([
    ['an address that nobody proved', { email: 'a@b', email_verified: false }, { owner: 'email' }, /not verified/],
    ['the same as text', { email: 'a@b', email_verified: 'False' }, { owner: 'email' }, /not verified/],
    ['no owner', {}, { owner: 'upn' }, /has no "upn"; expected text/],
    ['a list as owner', { upn: ['a'] }, { owner: 'upn' }, /"upn" is a list/],
    ['an owner with a line break', { upn: 'a\nb' }, { owner: 'upn' }, /"upn" has a control character/],
    ['no grants', { drover: undefined }, {}, /has no "drover"/],
    [
      'no role that counts',
      { groups: ['x'] },
      { roles: 'groups', roleGrants: {} },
      /none of its roles \(in "groups"\)/,
    ],
    [
      'a role by the name of a built-in',
      { groups: ['constructor'] },
      { roles: 'groups', roleGrants: {} },
      /none of its roles/,
    ],
    ['an object of roles', { groups: { a: 1 } }, { roles: 'groups', roleGrants: {} }, /"groups" is an object/],
    [
      'grants of two namespaces',
      { drover: { ns: 'other' }, groups: ['x'] },
      { grants: 'drover', roles: 'groups', roleGrants: { x: { work: ['*'] } } },
      /of the namespace "other", and those of its roles of "myapp"/,
    ],
  ])('%s is refused', async (_what, claims, options, message) => {
    const verify = verifierOf({ ...simple, ...options })
    await expect(verify(await sign({ ...ada, ...claims }))).rejects.toThrow(message)
    await expect(verify(await sign({ ...ada, ...claims }))).rejects.toMatchObject({ code: 'not_authenticated' })
  })

  test('a drover claim counts for nothing where roles grant, unless it is asked for', async () => {
    const roles = { roles: 'groups', roleGrants: { x: { observe: ['*'] } } }
    const token = await sign({ ...ada, groups: 'x y' })
    expect((await verifierOf({ ...simple, ...roles })(token)).grants).toMatchObject({ dispatch: [], observe: ['*'] })
    const both = await verifierOf({ ...simple, ...roles, grants: 'drover' })(token)
    expect(both.grants).toMatchObject({ dispatch: ['*'], observe: ['*'] })
  })

  test('a name with dots is found by itself, by names with dots between, and by a list of names', async () => {
    for (const [claims, owner] of [
      [{ 'a.b': 'ada' }, 'a.b'],
      [{ a: { b: 'ada' } }, 'a.b'],
      [{ 'x.y': { 'b.c': 'ada' } }, ['x.y', 'b.c']],
    ] as const) {
      expect(await verifierOf({ ...simple, owner })(await sign({ ...ada, sub: 'no', ...claims }))).toMatchObject({
        subject: 'ada',
      })
    }
  })
})

test('all mistakes of a configuration are told at once, by their paths', () => {
  const wrong = { issuer: '', jwks: 5, audience: [], algorithms: ['HS256'], roles: 'groups', namspace: 'a' }
  expect(() => checkIssuers([wrong as unknown as IssuerOptions])).toThrow(
    /issuers\.0\.issuer: .*issuers\.0\.jwks: expected an address.*issuers\.0\.audience.*HS256\) is not among them.*ownerPrefix, .*and nothing else/s,
  )
  const half = { ...simple, roles: 'groups' }
  expect(() => checkIssuers([half])).toThrow(/issuers\.0\.roles: expected roles, .* together with roleGrants/)
})
