/** `RunningBridge.reload`: other settings, while sessions go on. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { secret, startBridge, tokenFor } from '../support/bridges/bridges.ts'
import { connectRaw, raw } from '../support/raw-session.ts'
import { openRaw as openTcp } from '../support/raw-stomp.ts'

const user = (login: string) => ({ login, password: `password of ${login}`, grants: { dispatch: ['*'], work: ['*'] } })
const everything = { dispatch: ['*'], broadcast: ['*'], work: ['*'], observe: ['*'], workers: true, dead: true }
const settings = { broker: 'embedded', port: 0, stompPort: 0, secret, users: [user('ada')] }

const signIn = async (url: string, login: string, headers: Record<string, string> = {}): Promise<number> => {
  const authorization = `Basic ${btoa(`${login}:password of ${login}`)}`
  return (await fetch(`${url}/token`, { method: 'POST', headers: { authorization, ...headers } })).status
}

test('users, origins, hosts and limits are others at once, and a session goes on with what it had', async () => {
  await using bridge = await startBridge({ ...settings, limits: { maxSubscriptions: 2 } })
  const { url } = bridge
  await using session = await connectRaw(url, { token: await tokenFor('ada', { dispatch: ['*'], observe: ['*'] }) })
  const origin = 'https://shop.example'
  expect(await Promise.all(['ada', 'bob'].map(login => signIn(url, login)))).toEqual([200, 401])
  expect(await signIn(url, 'ada', { origin })).toBe(403)

  const wanted = {
    ...settings,
    users: [user('bob')],
    origins: [origin],
    hosts: ['jobs.example'],
    limits: { maxSubscriptions: 1, maxSessions: 2 },
  }
  expect(bridge.reload(wanted)).toEqual({
    changed: ['users', 'origins', 'hosts', 'limits.maxSessions', 'limits.maxSubscriptions'],
    needRestart: [],
  })
  expect(await Promise.all(['ada', 'bob'].map(login => signIn(url, login)))).toEqual([401, 200])
  expect(await signIn(url, 'bob', { origin })).toBe(200)
  expect(bridge.reload(wanted)).toEqual({ changed: [], needRestart: [] })

  const subscribe = (id: string) => raw('SUBSCRIBE', [`id:${id}`, 'destination:/topic/myapp.events.a', `receipt:${id}`])
  for (const id of ['a', 'b']) {
    session.send(subscribe(id))
    await session.next('RECEIPT')
  }
  await using later = await connectRaw(url, { token: await tokenFor('ada', { observe: ['*'] }) })
  await expect(connectRaw(url, { token: await tokenFor('ada', {}) })).rejects.toThrow('503')
  for (const id of ['a', 'b']) later.send(subscribe(id))
  expect((await later.next('ERROR')).header('message')).toMatch(/one too many.* a session may have 1/)
})

test('on the TCP port of the embedded broker a user that is gone has no login', async () => {
  await using bridge = await startBridge({ ...settings, users: [{ ...user('ada'), grants: everything }] })
  const logIn = async (login: string): Promise<string> => {
    await using client = await openTcp(bridge.stompUrl!)
    client.send('CONNECT', { 'accept-version': '1.2', host: '/', login, passcode: `password of ${login}` })
    return (await client.next(() => true)).command
  }
  expect(await Promise.all(['ada', 'bob'].map(logIn))).toEqual(['CONNECTED', 'ERROR'])
  bridge.reload({ ...settings, users: [{ ...user('bob'), grants: everything }] })
  expect(await Promise.all(['ada', 'bob'].map(logIn))).toEqual(['ERROR', 'CONNECTED'])
})

test('what cannot change is told, and nothing changes where something is wrong', async () => {
  await using bridge = await startBridge({ ...settings, limits: { headersMs: 5_000 } })
  const wanted = {
    ...settings,
    broker: 'stomp://foo:bar@127.0.0.1:1',
    port: 1,
    hostname: '127.0.0.2',
    data: 'x.db',
    revocations: 'x',
    users: [user('bob')],
  }
  const told = {
    changed: ['users'],
    needRestart: ['broker', 'data', 'revocations', 'hostname', 'port', 'limits.headersMs'],
  }
  expect(bridge.reload(wanted)).toEqual(told)
  expect(bridge.reload(wanted), 'until it starts anew').toEqual({ ...told, changed: [] })
  expect((await fetch(`${bridge.url}/ready`)).status).toBe(200)
  const good = { ...settings, users: [user('eve')], origins: ['https://shop.example'] }
  for (const [wrong, message] of [
    [{ secret: 'short' }, /5 bytes/],
    [{ secret: [] }, /one at least/],
    [{ origins: ['*'] }, /"\*"/],
    [{ users: [user('eve'), user('eve')] }, /twice/],
    [{ issuers: [{ issuer: 'x', jwks: 'x', audience: [] }] }, /issuers\.0\.audience/],
    [{ seal: { keys: 'ftp://x' } }, /keys to hand on/],
  ] as const) {
    expect(() => bridge.reload({ ...good, ...wrong })).toThrow(message)
  }
  expect(await Promise.all(['bob', 'eve'].map(login => signIn(bridge.url, login)))).toEqual([200, 401])
})

test('the keys of an issuer stay while it is away, and an issuer that is gone lets nobody in', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one' }
  let isAway = false
  const provider = createServer((_request, response) => {
    if (isAway) response.writeHead(503).end()
    else response.end(JSON.stringify({ keys: [jwk] }))
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => provider.once('listening', resolve))
  try {
    const jwks = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/`
    const issuer = { issuer: 'https://id.example', jwks, audience: 'drover' }
    await using bridge = await startBridge({ ...settings, issuers: [issuer] })
    const token = await new SignJWT({ drover: { dispatch: ['*'] } })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer('https://id.example')
      .setAudience('drover')
      .setSubject('eve')
      .setExpirationTime('5 min')
      .sign(privateKey)
    const ask = async () =>
      (await fetch(`${bridge.url}/token`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })).status
    expect(await ask()).toBe(200)
    isAway = true
    const refused = { ...settings, issuers: [{ ...issuer, jwks: `${jwks}other` }], origins: ['*'] }
    expect(() => bridge.reload(refused)).toThrow(/"\*"/)
    bridge.reload({ ...settings, issuers: [{ ...issuer, toleranceMs: 5_000 }] })
    expect(await ask()).toBe(200)
    bridge.reload(settings)
    expect(await ask()).toBe(401)
  } finally {
    provider.closeAllConnections()
    provider.close()
  }
})
