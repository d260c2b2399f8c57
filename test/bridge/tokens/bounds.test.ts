/** Tokens with `uses` and `origin` at a bridge: who is let in, and how often. Design section 4. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MintOptions, mintToken } from '../../../bridge/node.ts'
import { allGrants } from '../../../shared/contract/grants.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { cookieOf, secret, spawnBridge, startBridge, type TestBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, openRaw, type RawSession, raw } from '../../support/raw-session.ts'

const shop = 'https://shop.example'
const other = 'https://other.example'
let bridge: TestBridge
beforeAll(async () => {
  bridge = await startBridge({ broker: 'embedded', origins: [shop, other] })
})
afterAll(() => bridge[Symbol.asyncDispose]())

const grants = { dispatch: ['*'] }
const minted = (more: Partial<MintOptions> = {}): Promise<string> => mintToken({ secret, sub: 'ada', grants, ...more })

interface Answer {
  readonly token: string
  readonly error?: { readonly code: string; readonly message: string }
}
async function post(
  path: string,
  bearer: string,
  body: object = {},
  headers: Record<string, string> = {},
  at = bridge,
) {
  const all = { authorization: `Bearer ${bearer}`, ...headers }
  const response = await fetch(`${at.url}${path}`, { method: 'POST', headers: all, body: JSON.stringify(body) })
  return { status: response.status, ...((await response.json()) as Answer) }
}

/** The frame that came, or the close and the sentence of an ERROR in its place. */
const told = (session: RawSession, command: string): Promise<string> =>
  session.next(command).then(
    () => command,
    async (error: Error) => `${(await session.closed()).code}: ${error.message}`,
  )

async function connecting(token: string, origin?: string, at = bridge): Promise<string> {
  await using session = await openRaw(at.url, origin === undefined ? {} : { headers: { origin } })
  session.send(raw('CONNECT', ['accept-version:1.2', 'host:/', `passcode:${token}`]))
  return await told(session, 'CONNECTED')
}

async function renew(session: RawSession, token: string): Promise<string> {
  session.send(raw('SEND', ['destination:/bridge/renew', 'receipt:renewed'], token))
  return await told(session, 'RECEIPT')
}

test('a token with one use lets one of many in that come at once', async () => {
  const { token, ...answer } = await post('/token', await minted(), { uses: 1 })
  expect(answer).toMatchObject({ status: 200, uses: 1, owner: 'ada' })
  const came = await Promise.all(Array.from({ length: 12 }, () => connecting(token)))
  expect(came.filter(one => one === 'CONNECTED')).toHaveLength(1)
  expect(came.filter(one => /^4401: .*its one use was taken; get a new one/.test(one))).toHaveLength(11)
  expect(await connecting(token)).toMatch(/^4401/)
})

test('with three uses the fourth session is refused, also after the others have ended', async () => {
  const { token } = await post('/token', await minted(), { uses: 3 })
  await using _first = await connectRaw(bridge.url, { token })
  expect([await connecting(token), await connecting(token)]).toEqual(['CONNECTED', 'CONNECTED'])
  expect(await connecting(token)).toMatch(/its 3 uses were taken/)
})

test('it opens sessions and nothing else: it has no children, by header or cookie, and asks for nothing', async () => {
  const token = await minted({ uses: 5, grants: { ...allGrants, admin: true } })
  for (const path of ['/token', '/revoke', '/broker/purge']) {
    expect(await post(path, token)).toMatchObject({ status: 403, error: { code: 'forbidden' } })
  }
  const cookie = { headers: { cookie: cookieOf(bridge, token) }, method: 'POST' }
  expect((await fetch(`${bridge.url}/token`, cookie)).status).toBe(403)
  expect((await fetch(`${bridge.url}/broker`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(403)
})

test('no browser is kept signed in by it, nor by a link to a job', async () => {
  const authorization = `Basic ${btoa('foo:bar')}`
  const job = { task: 'a', request_id: crypto.randomUUID() }
  for (const body of [
    { uses: 1, remember: true },
    { job, remember: true },
  ]) {
    const init = { method: 'POST', headers: { authorization }, body: JSON.stringify(body) }
    const response = await fetch(`${bridge.url}/token`, init)
    expect([response.status, response.headers.getSetCookie()]).toEqual([400, []])
    expect(await response.text()).toContain('leave out remember')
  }
})

test('a renewal is a use of the new token, and not of the one before', async () => {
  const one = await minted({ uses: 1 })
  await using session = await connectRaw(bridge.url, { token: one })
  const next = await minted({ uses: 2 })
  expect([await renew(session, next), await renew(session, next)]).toEqual(['RECEIPT', 'RECEIPT'])
  expect(await connecting(next)).toMatch(/its 2 uses were taken/)
  expect(await renew(session, await minted())).toBe('RECEIPT')
  expect(await renew(session, one)).toMatch(/^4401: .*its one use was taken/)
})

test('a renewal that comes to nothing gives its use back', async () => {
  const next = await minted({ uses: 1, grants: {} })
  await using session = await connectRaw(bridge.url, { token: await minted({ grants: { work: ['*'] } }) })
  session.send(raw('SUBSCRIBE', ['id:s', 'destination:/queue/myapp.tasks.a', 'receipt:read']))
  await session.next('RECEIPT')
  expect(await renew(session, next)).toMatch(/does not grant all that this session reads/)
  expect(await connecting(next)).toBe('CONNECTED')
})

test('a session that never began gives its use back', async () => {
  await using away = await startBridge({ broker: 'stomp://127.0.0.1:1', origins: [shop] })
  const token = await minted({ uses: 1 })
  for (let tries = 0; tries < 3; tries++) expect(await connecting(token, undefined, away)).toMatch(/^1013/)
})

test('one of before the start counts no longer, since nobody knows how often it was used', async () => {
  const before = await minted({ uses: 2 })
  await using started = await spawnBridge('node', { broker: 'embedded' })
  expect(await connecting(before, undefined, started)).toMatch(/^4401: .*made before this bridge started/)
  const { token } = await post('/token', await tokenFor('ada', grants), { uses: 1 }, {}, started)
  expect(await connecting(token, undefined, started)).toBe('CONNECTED')
  expect(await connecting(token, undefined, started)).toMatch(/its one use was taken/)
})

test('a token for pages of one origin is for no other page, and for no program', async () => {
  const { token, ...answer } = await post('/token', await minted(), { origin: shop })
  expect(answer).toMatchObject({ status: 200, origin: [shop] })
  expect(await connecting(token, shop)).toBe('CONNECTED')
  expect(await connecting(token, other)).toMatch(
    /^4403: .*The token is for pages of other origins, and this comes from "https.*other.example"/,
  )
  expect(await connecting(token)).toMatch(/^4403: .*comes from no page.*it has no Origin/)
  for (const [origin, status] of [
    [shop, 200],
    [other, 403],
  ] as const) {
    expect((await post('/token', token, {}, { origin })).status).toBe(status)
  }
  expect((await post('/token', token)).status).toBe(403)
  const starting = startMaster({ url: `${bridge.url.replace('http', 'ws')}/stomp`, token: () => token })
  await expect(starting).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('no Origin') })
})

test('the list of the bridge counts beside it: a token lets no page in that is not on it', async () => {
  const stranger = 'https://stranger.example'
  const { token } = await post('/token', await minted(), { origin: [stranger, shop] })
  await expect(connecting(token, stranger)).rejects.toThrow('server response: 403')
  await expect(connecting(token, 'null')).rejects.toThrow('server response: 403')
  expect(await connecting(token, shop)).toBe('CONNECTED')
})

test('a session renews by a token for its own page alone', async () => {
  await using session = await connectRaw(bridge.url, {
    token: await minted({ origin: shop }),
    headers: { origin: shop },
  })
  expect(await renew(session, await minted({ origin: [other, shop] }))).toBe('RECEIPT')
  expect(await renew(session, await minted({ origin: other }))).toMatch(/^4403: .*The token is for pages of other/)
})

test.each(['node', 'deno'] as const)('both are kept to by a process of %s', async runtime => {
  await using process = await spawnBridge(runtime, { broker: 'embedded', origins: [shop] })
  const parent = await tokenFor('ada', grants)
  const { token } = await post('/token', parent, { uses: 1, origin: shop }, {}, process)
  expect(await connecting(token, undefined, process)).toMatch(/^4403/)
  expect(await connecting(token, shop, process)).toBe('CONNECTED')
  expect(await connecting(token, shop, process)).toMatch(/^4401/)
})
