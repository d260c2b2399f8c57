/** The bridge over HTTP: tokens, lists of hosts and origins, health, and the page. */
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { SignJWT } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { mintToken } from '../../../bridge/node.ts'
import { cookieOf, secret, spawnBridge, startBridge, type TestBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, openRaw } from '../../support/raw-session.ts'

const shop = 'https://shop.example'
const app = 'capacitor://localhost'
const forever = await mintToken({ secret, sub: 'ada', grants: {}, expiresInMs: 600_000 })
const basic = (login: string, password: string) => ({ authorization: `Basic ${btoa(`${login}:${password}`)}` })
const bridges: TestBridge[] = []
afterAll(() => Promise.all(bridges.map(bridge => bridge[Symbol.asyncDispose]())))

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  let started: Promise<TestBridge> | undefined
  const bridge = (): Promise<TestBridge> =>
    (started ??= spawnBridge(runtime, {
      broker: 'embedded',
      origins: [shop, app],
      signInLink: { owner: 'me', grants: { dispatch: ['*'] } },
    }).then(bridge => {
      bridges.push(bridge)
      return bridge
    }))
  const post = async (headers: Record<string, string>, body?: unknown) => {
    const { url } = await bridge()
    const response = await fetch(`${url}/token`, {
      method: 'POST',
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: the tests look at any answer
    return { status: response.status, headers: response.headers, json: (await response.json()) as any }
  }

  test('a password gives a token that opens a session', async () => {
    const { url } = await bridge()
    const before = Date.now()
    const { status, json, headers } = await post(basic('foo', 'bar'))
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(json).toMatchObject({ owner: 'foo', namespace: 'myapp' })
    expect(json.expires_at).toBeGreaterThan(before + 3_500_000)
    await using session = await connectRaw(url, { token: json.token })
    expect(session.connected.header('drover-owner')).toBe('foo')
  })

  test('a token that is over by a second gives none', async () => {
    const old = await mintToken({ secret, sub: 'ada', grants: {}, expiresInMs: 1_000, now: Date.now() - 2_500 })
    expect(await post({ authorization: `Bearer ${old}` })).toMatchObject({
      status: 401,
      json: { error: { code: 'not_authenticated' } },
    })
  })

  test('a token in its one spelling is taken by header and by cookie', async () => {
    expect((await post({ authorization: `bearer  ${forever}` })).status).toBe(200)
    const cookie = cookieOf(await bridge(), forever)
    expect((await post({ cookie, authorization: 'Negotiate x' })).status).toBe(200)
    // Padded it would be another text for the same
    expect((await post({ cookie: `${cookie}=` })).status).toBe(401)
  })

  test('a refused token says which claim is wrong and which value was expected', async () => {
    const nowS = Math.floor(Date.now() / 1000)
    const ask = (claims: Record<string, unknown>) =>
      new SignJWT({ exp: nowS + 600, drover: {}, ...claims })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(secret))
        .then(token => post({ authorization: `Bearer ${token}` }))
    expect((await ask({ sub: 'ada', nbf: nowS + 30, iat: nowS + 30 })).status).toBe(200)
    for (const [claims, said] of [
      [{ client_id: 'svc-1' }, /no "sub": mint sub/],
      [{ sub: 'ada', nbf: nowS + 90 }, /not valid before 2.*, this bridge's clock says 2/],
      [{ sub: 'ada', exp: String(nowS + 600) }, /"exp" is text; expected s/],
    ] as const) {
      const { status, json } = await ask(claims)
      expect([status, json.error.code]).toEqual([401, 'not_authenticated'])
      expect(json.error.message).toMatch(said)
    }
  })

  test('a token gives a narrower one, and no wider or longer one', async () => {
    const wide = await tokenFor('ada', { dispatch: ['image.*'], workers: true })
    const bearer = { authorization: `Bearer ${wide}` }
    const narrow = await post(bearer, { grants: { dispatch: ['image.thumbnail'] }, expires_in_ms: 60_000 })
    expect(narrow.status).toBe(200)
    expect(narrow.json.expires_at).toBeLessThanOrEqual(Date.now() + 60_000)
    const { url } = await bridge()
    await using session = await connectRaw(url, { token: narrow.json.token })
    expect(JSON.parse(session.connected.header('drover-grants')!)).toMatchObject({
      dispatch: ['image.thumbnail'],
      workers: false,
    })
    for (const grants of [{ dispatch: ['*'] }, { work: ['image.thumbnail'] }, { dead: true }, { ns: 'other' }]) {
      expect(await post(bearer, { grants })).toMatchObject({ status: 403, json: { error: { code: 'forbidden' } } })
    }
    const longer = await post({ authorization: `Bearer ${narrow.json.token}` }, { expires_in_ms: 3_600_000 })
    expect(longer.json.expires_at).toBeLessThanOrEqual(narrow.json.expires_at)
  })

  test('the sign-in link gives a token and a cookie, once', async () => {
    const { signInUrl, url } = await bridge()
    const link = new URL(signInUrl!)
    expect(link.origin).toBe(url)
    const sign_in = new URLSearchParams(link.hash.slice(1)).get('sign-in')
    expect((await post({}, { sign_in: 'guessed' })).status).toBe(401)
    for (const [wish, status] of [
      [{ grants: { work: ['*'] } }, 403],
      [{ grants: { ns: 'other' } }, 403],
      [{ grants: { dispatch: ['>'] } }, 400],
      [{ grants: [] }, 400],
      [{ expires_in_ms: -1 }, 400],
      [{ expires_in_ms: 1 }, 400],
      [{ expires_in_ms: 1e300 }, 400],
      [{ expires_in_ms: '60000' }, 400],
      [{ remember: 'yes' }, 400],
      [{ filler: 'x'.repeat(70_000) }, 400],
    ] as const) {
      const refused = await post({}, { ...wish, sign_in })
      expect([refused.status, refused.headers.get('set-cookie')], JSON.stringify(wish).slice(0, 80)).toEqual([
        status,
        null,
      ])
    }
    const broken = await fetch(`${url}/token`, { method: 'POST', body: `{"sign_in":"${sign_in}"` })
    expect(broken.status).toBe(400)
    const both = await Promise.all([post({}, { sign_in }), post({}, { sign_in })])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401])
    const { json, headers } = both.find(({ status }) => status === 200)!
    expect(json.owner).toBe('me')
    const cookie = headers.get('set-cookie')!
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    expect((await post({}, { sign_in })).status).toBe(401)
    const again = await post({ cookie: cookie.split(';')[0]! })
    expect(again).toMatchObject({ status: 200, json: { owner: 'me' } })
  })

  test.each([
    ['nobody', {}, undefined, 401, 'not_authenticated'],
    ['a wrong password', basic('foo', 'baz'), undefined, 401, 'not_authenticated'],
    ['a token with padding behind it', { authorization: `Bearer ${forever}=` }, undefined, 401, 'not_authenticated'],
    ['two tokens', { authorization: `Bearer ${forever}, Bearer ${forever}` }, undefined, 401, 'not_authenticated'],
    ['a Basic that is no base64', { authorization: 'Basic ZZ-_!' }, undefined, 401, 'not_authenticated'],
    ['another scheme', { authorization: 'Digest x' }, undefined, 401, 'not_authenticated'],
    ['a text that is no token', { authorization: 'Bearer x' }, undefined, 401, 'not_authenticated'],
    ['a wish that is none', basic('foo', 'bar'), { expires_in_ms: -1 }, 400, 'message_invalid'],
    ['grants that are none', basic('foo', 'bar'), { grants: { dispatch: ['>'] } }, 400, 'message_invalid'],
    ['too much', basic('foo', 'bar'), { grants: { x: 'x'.repeat(70_000) } }, 400, 'message_invalid'],
  ])('%s is refused', async (_what, headers, body, status, code) => {
    expect(await post(headers as Record<string, string>, body)).toMatchObject({ status, json: { error: { code } } })
  })

  test('only pages of listed origins may read the answers', async () => {
    const { url } = await bridge()
    const listed = await post({ ...basic('foo', 'bar'), origin: shop })
    expect(listed.headers.get('access-control-allow-origin')).toBe(shop)
    expect(listed.headers.get('access-control-allow-credentials')).toBeNull()
    const inApp = await post({ ...basic('foo', 'bar'), origin: app })
    expect(inApp.headers.get('access-control-allow-origin')).toBe(app)
    await using _session = await openRaw(url, { headers: { origin: app } })
    const preflight = await fetch(`${url}/token`, { method: 'OPTIONS', headers: { origin: shop } })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
    const other = await post({ ...basic('foo', 'bar'), origin: 'https://evil.example' })
    expect(other.status).toBe(403)
    expect(other.json).not.toHaveProperty('token')
    const own = await post({ ...basic('foo', 'bar'), origin: url })
    expect(own.status).toBe(200)
    expect(own.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('a page of another origin may read that its origin is not listed, the same for each question, and nothing else', async () => {
    const { url } = await bridge()
    const from = (path: string, init: RequestInit = {}) =>
      fetch(url + path, { ...init, headers: { origin: 'https://evil.example', ...init.headers } })
    const answers = await Promise.all([
      from('/stomp'),
      from('/health'),
      from('/nowhere'),
      from('/token', { method: 'POST', headers: basic('foo', 'bar') }),
      from('/token'),
      from('/token', { method: 'OPTIONS' }),
    ])
    for (const answer of answers) {
      expect(answer.status).toBe(403)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      for (const name of ['allow-credentials', 'allow-headers', 'allow-methods', 'expose-headers'])
        expect(answer.headers.get(`access-control-${name}`)).toBeNull()
      expect(answer.headers.get('set-cookie')).toBeNull()
      expect(await answer.json()).toEqual({
        error: {
          code: 'forbidden',
          message: 'The origin "https://evil.example" is not on this bridge\'s list; add it to origins (--origin)',
        },
      })
    }
    const listed = await fetch(`${url}/stomp`, { headers: { origin: shop } })
    expect([listed.status, listed.headers.get('access-control-allow-origin')]).toEqual([426, shop])
  })

  test('it tells how to sign in', async () => {
    const { url } = await bridge()
    const own = await fetch(`${url}/token`)
    expect(own.headers.get('cache-control')).toBe('no-store')
    expect(await own.json()).toEqual({ sign_in_link: true, default_password: true })
  })

  test('a host that somebody pointed here is refused, for pages as for sessions', async () => {
    const { url } = await bridge()
    const status = await new Promise<number | undefined>(resolve =>
      request(`${url}/token`, { headers: { host: 'evil.example' } }, response =>
        resolve(response.resume().statusCode),
      ).end(),
    )
    expect(status).toBe(403)
    for (const headers of [{ host: 'evil.example' }, { origin: 'https://evil.example' }, { origin: 'null' }]) {
      await expect(openRaw(url, { headers })).rejects.toThrow(/response: 403/)
    }
    await using _session = await openRaw(url, { headers: { origin: shop } })
  })

  test('the subprotocol is chosen among those that are spoken, or none', async () => {
    const { url } = await bridge()
    for (const [protocols, chosen] of [
      [['v10.stomp', 'v11.stomp'], 'v11.stomp'],
      [['other', 'v12.stomp'], 'v12.stomp'],
      [[], ''],
    ] as const) {
      await using session = await openRaw(url, { protocols })
      expect(session.socket.protocol).toBe(chosen)
    }
    await expect(openRaw(url, { protocols: ['mqtt'] })).rejects.toThrow(/response: 426/)
  })

  test('it says that it is well, its name and version, and no more', async () => {
    const { url } = await bridge()
    const health = await fetch(`${url}/health`)
    expect(await health.json()).toMatchObject({
      status: 'ok',
      sessions: expect.any(Number),
      uptime_ms: expect.any(Number),
    })
    const page = await fetch(`${url}/`)
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(page.headers.get('content-security-policy')).toMatch(/require-trusted-types-for 'script'/)
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
    expect(await page.text()).toContain('Drover')
    expect((await fetch(`${url}/nothing`)).status).toBe(404)
    expect((await fetch(`${url}/stomp`)).status).toBe(426)
  })

  test('wrong passwords make one wait, and events hold no password and no token', async () => {
    const { events } = await bridge()
    for (let tries = 0; tries < 6; tries++) await post(basic('somebody', 'hunter2'))
    expect(await post(basic('somebody', 'hunter2'))).toMatchObject({
      status: 429,
      json: { error: { code: 'too_many_attempts' } },
    })
    const said = JSON.stringify(events)
    expect(said).toContain('too_many_attempts')
    expect(said).not.toMatch(/hunter2|eyJ/)
  })
})

test('the password that everybody knows is told where it is in force, and to nobody who came by a public name', async () => {
  const ask = async ({ url }: TestBridge, host: string, path = '/token'): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    request(url, { path, headers: { host } }, resolve).on('error', reject).end()
    return JSON.parse(await text(await promise))
  }
  await using known = await startBridge({ broker: 'embedded', hosts: ['jobs.example'] })
  const { port } = new URL(known.url)
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
    expect(await ask(known, host)).toEqual({ sign_in_link: false, default_password: true })
  expect(await ask(known, 'jobs.example')).toEqual({ sign_in_link: false, default_password: false })
  // Where the target has a host, Host is anybody's word
  for (const host of ['localhost', '['])
    expect(await ask(known, host, 'http://jobs.example/token')).toMatchObject({ default_password: false })
  const users = [{ login: 'foo', password: 'better', grants: {} }]
  await using own = await startBridge({ broker: 'embedded', users })
  expect(await ask(own, new URL(own.url).host)).toEqual({ sign_in_link: false, default_password: false })
})
