import { serveBridge } from 'drover/bridge'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { createPage, type PageFile } from './page.ts'

const file = (path: string, text: string): PageFile => ({ path, bytes: new TextEncoder().encode(text) })
const built = [file('/index.html', '<!doctype html>'), file('/assets/app-1.js', '1'), file('/drover.js', 'export {}')]

function serve(read: () => Promise<readonly PageFile[]>) {
  const page = createPage(read)
  const app = new Hono().get('*', async (c, next) => (await page(c, c.req.header('host') ?? '')) ?? next())
  return (path: string, headers: Record<string, string> = {}) =>
    app.request(`http://jobs.example:8787${path}`, { headers: { host: 'jobs.example:8787', ...headers } })
}

test.each(['/', '/index.html'])(
  'the page at %s has a policy that allows nothing inline, nothing from elsewhere, and only its own WebSocket',
  async path => {
    const response = await serve(async () => built)(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const policy = response.headers.get('content-security-policy')!
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "connect-src 'self' ws://jobs.example:8787 wss://jobs.example:8787",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types lit-html',
    ])
  },
)

test('a Host that could add to the policy adds nothing', async () => {
  const response = await serve(async () => built)('/', { host: "evil; script-src 'unsafe-inline'" })
  expect(response.headers.get('content-security-policy')).toContain("connect-src 'self';")
})

test('assets are kept for ever, the page is asked for again and answered with 304', async () => {
  const get = serve(async () => built)
  expect((await get('/assets/app-1.js')).headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  const first = await get('/')
  expect(first.headers.get('cache-control')).toBe('no-cache')
  const second = await get('/', { 'if-none-match': first.headers.get('etag')! })
  expect(second.status).toBe(304)
  expect(await second.text()).toBe('')
})

test.for([
  ['/drover.js', 'no-cache'],
  ['/drover/jobs-1.js', 'public, max-age=31536000, immutable'],
  ['/drover.all.js', 'public, max-age=300, stale-while-revalidate=86400'],
] as const)('the widgets are for every origin: %s', async ([path, kept]) => {
  const { headers } = await serve(async () => [...built, file(path, 'export {}')])(path)
  expect(headers.get('access-control-allow-origin')).toBe('*')
  expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(headers.get('cache-control')).toBe(kept)
  expect(headers.get('etag')).toMatch(/^"[0-9a-f]{24}"$/)
})

test('a browser that takes compressed files gets the smallest there is, with a tag of its own', async () => {
  const get = serve(async () => [...built, file('/drover.js.br', 'b'), file('/drover.js.gz', 'gz')])
  const asked = async (accepted: string | undefined) => {
    const response = await get('/drover.js', accepted === undefined ? {} : { 'accept-encoding': accepted })
    expect(response.headers.get('vary')).toBe('accept-encoding')
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    return [response.headers.get('content-encoding'), await response.text(), response.headers.get('etag')]
  }
  const [plain, gzip, br] = [
    await asked(undefined),
    await asked('gzip, deflate'),
    await asked('gzip, deflate, br, zstd'),
  ]
  expect([plain, gzip, br].map(([coding, text]) => [coding, text])).toEqual([
    [null, 'export {}'],
    ['gzip', 'gz'],
    ['br', 'b'],
  ])
  expect(new Set([plain[2], gzip[2], br[2]]).size).toBe(3)
  expect((await asked('br;q=0, gzip;q=0.5'))[0]).toBe('gzip')
  expect((await asked('identity, *;q=0'))[0]).toBeNull()
  expect((await get('/drover.js', { 'accept-encoding': 'br', 'if-none-match': br[2]! })).status).toBe(304)
  expect((await get('/drover.js', { 'accept-encoding': 'gzip', 'if-none-match': br[2]! })).status).toBe(200)
  expect((await get('/drover.js.br')).status).toBe(404)
  expect((await get('/assets/app-1.js')).headers.get('vary')).toBeNull()
})

test('no path leads out of the build', async () => {
  const get = serve(async () => built)
  for (const path of ['/../package.json', '/assets/../../package.json', '/assets/%2e%2e/x', '/assets/']) {
    expect((await get(path)).status, path).toBe(404)
  }
})

test('without a build there is a page that explains itself; a later build is found', async () => {
  let files: readonly PageFile[] = []
  const get = serve(async () => files)
  expect(await (await get('/')).text()).toContain('This is a Drover bridge')
  expect((await get('/drover.js')).status).toBe(404)
  files = built
  expect(await (await get('/')).text()).toBe('<!doctype html>')
})

test('a script of another site may load the widgets, and nothing else', async () => {
  await using bridge = await serveBridge({
    port: 0,
    stompPort: 0,
    broker: 'embedded',
    secret: '0123456789abcdef0123456789abcdef',
  })
  const from = (path: string) => fetch(`${bridge.url}${path}`, { headers: { origin: 'https://shop.example' } })
  for (const path of ['/drover.js', '/drover.all.js', '/drover/jobs-1.js']) {
    expect([200, 404], path).toContain((await from(path)).status)
  }
  expect((await from('/')).status).toBe(403)
  expect((await from('/health')).status).toBe(403)
})

test('a browser is kept signed in by password where it asks for that, until it signs out', async () => {
  await using bridge = await serveBridge({
    port: 0,
    stompPort: 0,
    broker: 'embedded',
    secret: '0123456789abcdef0123456789abcdef',
    users: [{ login: 'foo', password: 'bar', grants: { dispatch: ['*'] } }],
  })
  const ask = (body: object, headers: Record<string, string>) =>
    fetch(`${bridge.url}/token`, { method: 'POST', body: JSON.stringify(body), headers })
  const authorization = `Basic ${btoa('foo:bar')}`
  expect((await ask({}, { authorization })).headers.get('set-cookie')).toBeNull()
  const cookie = (await ask({ remember: true }, { authorization })).headers.get('set-cookie')!
  expect(cookie).toMatch(/^drover-\d+=\S+; .*Path=\/token.*HttpOnly.*SameSite=Strict/)
  const again = await ask({}, { cookie: cookie.slice(0, cookie.indexOf(';')) })
  expect(await again.json()).toMatchObject({ owner: 'foo', namespace: 'myapp' })
  const gone = await fetch(`${bridge.url}/token`, { method: 'DELETE' })
  expect(gone.status).toBe(204)
  expect(gone.headers.get('set-cookie')).toMatch(/^drover-\d+=; Max-Age=0/)
})

test('who signs in at another bridge of the same host stays signed in at the first, since cookies know no port', async () => {
  const start = (login: string) =>
    serveBridge({
      port: 0,
      stompPort: 0,
      broker: 'embedded',
      secret: `a secret of 32 bytes and more, of ${login}`,
      users: [{ login, password: 'bar', grants: {} }],
    })
  await using one = await start('ada')
  await using other = await start('bob')
  /** As a browser keeps them. */
  const jar = new Map<string, string>()
  const ask = async (url: string, headers: Record<string, string>, body = {}) => {
    const cookie = [...jar.values()].join('; ')
    const response = await fetch(`${url}/token`, {
      method: 'POST',
      headers: { ...headers, cookie },
      body: JSON.stringify(body),
    })
    for (const set of response.headers.getSetCookie()) jar.set(set.slice(0, set.indexOf('=')), set.split(';')[0]!)
    return await response.json()
  }
  const signIn = (url: string, login: string) =>
    ask(url, { authorization: `Basic ${btoa(`${login}:bar`)}` }, { remember: true })
  await signIn(one.url, 'ada')
  await signIn(other.url, 'bob')
  expect([await ask(one.url, {}), await ask(other.url, {})]).toMatchObject([{ owner: 'ada' }, { owner: 'bob' }])
})
