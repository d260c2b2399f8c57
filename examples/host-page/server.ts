/**
 * A site of its own, with a login of its own, whose page embeds Drover's widgets. Its server asks the bridge for narrow
 * tokens, from server to server, and gives them to the people who are signed in here. The browser never sees a password
 * of the bridge.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { getCookie, setCookie } from 'hono/cookie'

export interface HostPageOptions {
  /** Default 8080; 0 picks one. */
  readonly port?: number
  /** Where browsers and this server reach the bridge, such as `https://jobs.example`. */
  readonly bridge: string
  /** The bridge's user that stands for this site. */
  readonly login: string
  readonly password: string
  /** Who may sign in here: passwords by name. */
  readonly people: Readonly<Record<string, string>>
}

/** The grant of a page of this site, which may do no more, though the site's own user at the bridge may. */
const grants = { dispatch: ['image.thumbnail'], broadcast: [] }
const types: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css', js: 'text/javascript' }

export async function serveHostPage(options: HostPageOptions): Promise<{ url: string } & AsyncDisposable> {
  const { port = 8080, bridge, login, password, people } = options
  const signedIn = new Map<string, string>()
  const socket = bridge.replace(/^http/, 'ws')
  const policy = `default-src 'none'; script-src 'self' ${bridge}; style-src 'self'; img-src 'self' data:; connect-src 'self' ${socket} ${bridge}; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types lit-html`
  const file = async (name: string): Promise<Response> => {
    const text = await readFile(new URL(`public/${name}`, import.meta.url), 'utf8')
    const type = `${types[name.split('.').at(-1)!]}; charset=utf-8`
    return new Response(text.replaceAll('{bridge}', bridge).replaceAll('{socket}', socket), {
      headers: { 'content-type': type, 'content-security-policy': policy, 'cache-control': 'no-store' },
    })
  }

  const site = new Hono()
  site.get('/', c => file(signedIn.has(getCookie(c, 'shop') ?? '') ? 'index.html' : 'sign-in.html'))
  site.get('/:name{shop\\.(css|js)}', c => file(c.req.param('name')))
  site.post('/sign-in', bodyLimit({ maxSize: 1000 }), async c => {
    const { name, password: given } = await c.req.parseBody()
    if (typeof name === 'string' && Object.hasOwn(people, name) && people[name] === given) {
      const id = randomUUID()
      signedIn.set(id, name)
      setCookie(c, 'shop', id, { httpOnly: true, sameSite: 'Strict' })
    }
    return c.redirect('/', 303)
  })
  site.post('/my-own-token', async c => {
    c.header('cache-control', 'no-store')
    if (!signedIn.has(getCookie(c, 'shop') ?? ''))
      return c.json({ error: { message: 'Sign in to the shop first' } }, 401)
    const asked = await fetch(`${bridge}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${login}:${password}`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ grants, expires_in_ms: 10 * 60_000 }),
    }).catch(() => undefined)
    if (!asked?.ok) return c.json({ error: { message: 'The bridge gives the shop no token' } }, 502)
    return c.json({ token: ((await asked.json()) as { token: string }).token })
  })

  const server = createAdaptorServer(site)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
