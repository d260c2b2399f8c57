/** Tokens are revoked: sessions by them end at once, and they count no more after a restart either. Design section 4. */
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mintToken } from '../../../bridge/node.ts'
import { allGrants } from '../../../shared/contract/grants.ts'
import type { ByteLink } from '../../../shared/frames/byte-link.ts'
import { secret, startBridge, type TestBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, openRaw, type RawSession, raw } from '../../support/raw-session.ts'
import { connected, startBroker } from '../relay/fake-broker.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-revoke-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const start = (revocations?: string): Promise<TestBridge> => startBridge({ broker: 'embedded', revocations })
/** Issued that long ago. */
const issued = (agoMs: number, sub = 'ada'): Promise<string> =>
  mintToken({ secret, sub, grants: allGrants, now: Date.now() - agoMs, expiresInMs: agoMs + 600_000 })

async function revoke(bridge: TestBridge, body: object, grants: object = { admin: true }): Promise<Response> {
  const authorization = `Bearer ${await tokenFor('root', grants)}`
  const init = { method: 'POST', headers: { authorization }, body: JSON.stringify(body) }
  return await fetch(`${bridge.url}/revoke`, init)
}

async function ends(session: RawSession): Promise<void> {
  const error = await session.next('ERROR')
  expect([error.header('drover-code'), error.header('message')]).toEqual([
    'not_authenticated',
    expect.stringMatching(/token was revoked/),
  ])
  expect((await session.closed()).code).toBe(4401)
}

const refused = (bridge: TestBridge, token: string): Promise<void> =>
  expect(connectRaw(bridge.url, { token })).rejects.toThrow(/revoked; get a new one/)

test('one token by its jti, at once and over a restart; others of the owner go on', async () => {
  const file = join(folder, 'by-jti', 'revoked')
  const [bad, good] = [await issued(0), await issued(0)]
  {
    await using bridge = await start(file)
    await using session = await connectRaw(bridge.url, { token: bad })
    await using _other = await connectRaw(bridge.url, { token: good })
    const { jti, exp } = decodeJwt(bad)
    const narrow = { method: 'POST', headers: { authorization: `Bearer ${bad}` } }
    const { token: child } = (await (await fetch(`${bridge.url}/token`, narrow)).json()) as { token: string }
    await using byChild = await connectRaw(bridge.url, { token: child })
    const at = performance.now()
    expect((await revoke(bridge, { jti, expires_at: exp! * 1000 })).status).toBe(200)
    await Promise.all([ends(session), ends(byChild)])
    expect(performance.now() - at).toBeLessThan(1_000)
    await refused(bridge, bad)
    await refused(bridge, child)
    expect((await fetch(`${bridge.url}/token`, narrow)).status).toBe(401)
    await using _again = await connectRaw(bridge.url, { token: good })
    expect(bridge.events).toContainEqual(expect.objectContaining({ type: 'revoked', owner: 'root' }))
  }
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await using restarted = await start(file)
  await refused(restarted, bad)
  await using _session = await connectRaw(restarted.url, { token: good })
})

test('all of an owner, sessions by password too; a token of later and others go on', async () => {
  const file = join(folder, 'by-owner')
  const old = await issued(5_000, 'foo')
  {
    await using bridge = await start(file)
    await using byToken = await connectRaw(bridge.url, { token: old })
    await using byPassword = await connectRaw(bridge.url, { login: 'foo', passcode: 'bar' })
    await using _other = await connectRaw(bridge.url, { token: await issued(5_000) })
    expect((await revoke(bridge, { owner: 'foo' })).status).toBe(200)
    await Promise.all([ends(byToken), ends(byPassword)])
    await refused(bridge, old)
    await using _later = await connectRaw(bridge.url, { token: await issued(-2_000, 'foo') })
    await using _password = await connectRaw(bridge.url, { login: 'foo', passcode: 'bar' })
  }
  await using restarted = await start(file)
  await refused(restarted, old)
})

test.for([
  ['by a token', async () => [`passcode:${await issued(5_000, 'foo')}`]],
  ['by a password', async () => ['login:foo', 'passcode:bar']],
] as const)('a session %s that waits for the broker as it is revoked is never open', async ([, credentials]) => {
  const asked = Promise.withResolvers<ByteLink>()
  await using broker = await startBroker((_, link) => asked.resolve(link))
  await using bridge = await startBridge({ broker: broker.url })
  await using session = await openRaw(bridge.url)
  session.send(raw('CONNECT', ['accept-version:1.2', ...(await credentials())]))
  const link = await asked.promise
  expect((await revoke(bridge, { owner: 'foo' })).status).toBe(200)
  link.send(connected)
  // In place of CONNECTED, which `next` would skip
  const { messages } = session
  await ends(session)
  expect([messages, session.messages]).toEqual([0, 1])
})

test.for(['/token', '/revoke', '/broker/purge'])(
  'a POST %s that is under way as its token is revoked does nothing',
  async path => {
    await using bridge = await start()
    const token = await mintToken({ secret, sub: 'eve', grants: { ...allGrants, admin: true }, jti: 'eves' })
    const asking = request(`${bridge.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    asking.write('{')
    const answer = once(asking, 'response') as Promise<[IncomingMessage]>
    expect((await revoke(bridge, { jti: 'eves' })).status).toBe(200)
    asking.end(
      path === '/revoke' ? '"owner":"ada"}' : path === '/token' ? '}' : '"queue":"myapp.tasks.a","confirm":true}',
    )
    const [{ statusCode }] = await answer
    expect(statusCode).toBe(401)
  },
)

test('all that were issued before an instant', async () => {
  await using bridge = await start()
  const [old, young] = [await issued(60_000), await issued(0)]
  const narrow = { method: 'POST', headers: { authorization: `Bearer ${old}` } }
  const { token: child } = (await (await fetch(`${bridge.url}/token`, narrow)).json()) as { token: string }
  await using session = await connectRaw(bridge.url, { token: old })
  await using _other = await connectRaw(bridge.url, { token: young })
  expect((await revoke(bridge, { before: Date.now() - 30_000 })).status).toBe(200)
  await ends(session)
  await refused(bridge, old)
  await refused(bridge, child)
  await using _again = await connectRaw(bridge.url, { token: young })
})

test('it takes the grant, and one of three bodies; no other grant gives it, and a narrower token does not widen to it', async () => {
  await using bridge = await start()
  expect((await revoke(bridge, { owner: 'ada' }, allGrants)).status).toBe(403)
  expect((await fetch(`${bridge.url}/revoke`, { method: 'POST' })).status).toBe(401)
  // As `exp` and `iat` of a token are: in ms they would be in 1970, and nothing would be revoked
  const seconds = Math.floor(Date.now() / 1000)
  const inSeconds = [{ before: seconds }, { owner: 'ada', before: seconds }, { jti: 'a', expires_at: seconds }]
  // It would lock everybody out, for good
  const ahead = [{ before: Date.now() * 1000 }, { owner: 'ada', before: Date.now() + 3_600_000 }]
  const wrong = [
    ...ahead,
    {},
    { jti: '' },
    { jti: 'a', owner: 'b' },
    { before: 'now' },
    { before: 1e18 },
    [],
    ...inSeconds,
  ]
  for (const body of wrong) {
    expect((await revoke(bridge, body)).status, JSON.stringify(body)).toBe(400)
  }
  const authorization = `Bearer ${await tokenFor('ada', allGrants)}`
  const wider = { method: 'POST', headers: { authorization }, body: '{"grants":{"admin":true}}' }
  expect((await fetch(`${bridge.url}/token`, wider)).status).toBe(403)
})

test('where the list is full nothing is revoked, and nobody is told that it was', async () => {
  const file = join(folder, 'full')
  const owners = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`o${n}`, Date.now()]))
  await writeFile(file, JSON.stringify({ file: 'drover revocations', v: 1, tokens: {}, owners, before: 0 }))
  await using bridge = await start(file)
  const answer = await revoke(bridge, { owner: 'ada' })
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringMatching(/10000 entries/)])
  expect(bridge.events.map(({ type }) => type)).not.toContain('revoked')
  await using _session = await connectRaw(bridge.url, { token: await issued(5_000) })
})

test('a file that holds something else is left as it is, and the bridge does not start', async () => {
  const file = join(folder, 'odd')
  await writeFile(file, '{"file":"drover revocations","v":2}')
  await expect(start(file)).rejects.toThrow(/file of revoked tokens cannot be read/)
  expect(await readFile(file, 'utf8')).toBe('{"file":"drover revocations","v":2}')
})

test('one that cannot be written counts until the restart, and says so', async () => {
  await using bridge = await start(undefined)
  await using blocked = await startBridge({ broker: 'embedded', revocations: join(folder, 'later', 'revoked') })
  await writeFile(join(folder, 'later'), '')
  const old = await issued(5_000)
  const answer = await revoke(blocked, { owner: 'ada' })
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringMatching(/until this bridge restarts/)])
  await refused(blocked, old)
  await using _session = await connectRaw(bridge.url, { token: old })
})
