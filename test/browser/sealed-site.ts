/** A site whose pages seal: widgets from a bridge under a strict policy, keys from the site itself, and a worker that opens. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mintToken, type RunningBridge } from 'drover/bridge'
import { defineTask, implement, startWorker } from 'drover/worker'
import * as z from 'zod'
import { refreshBrowser } from '../../scripts/build/browser.ts'
import { type JsonWebKeySet, newKey, publicKeys } from '../../shared/seal/mod.ts'
import { type Harness, startHarness } from './harness.ts'
import { everything, startBridge } from './test-bridge.ts'

export const secret = '0123456789abcdef0123456789abcdef'

/** In each result. */
export const answer = 'forty-two it is'

export interface SealedSite extends AsyncDisposable {
  readonly harness: Harness
  readonly bridge: RunningBridge
  /** Of the page with widgets. `?keys=…` names its JWKS, `?job=…` the job that it shows; `?all` is of one file. */
  readonly url: string
  /** The public part of the worker's. */
  readonly keys: JsonWebKeySet
  /** Whether the site gives its JWKS, at `/jwks.json`. */
  hasKeys: boolean
}

const echo = defineTask('seal.echo', { input: z.object({ text: z.string() }), sealed: 'required' })

export async function startSealedSite(): Promise<SealedSite> {
  await using starting = new AsyncDisposableStack()
  await refreshBrowser(process.cwd())
  const own = { keys: [await newKey('p-256')] }
  const keys = publicKeys(own)
  const harness = starting.use(await startHarness())
  const state = { hasKeys: true }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://site')
    if (pathname === '/jwks.json') {
      response.writeHead(state.hasKeys ? 200 : 503).end(JSON.stringify(keys))
      return
    }
    if (pathname === '/token') {
      const minted = mintToken({ secret, sub: 'foo', grants: everything, expiresInMs: 600_000 })
      minted.then(token => response.end(token), String)
      return
    }
    response.setHeader('content-type', 'text/html; charset=utf-8')
    const socket = bridge.url.replace('http', 'ws')
    response.setHeader(
      'content-security-policy',
      `default-src 'none'; script-src ${bridge.url}; style-src 'self'; connect-src 'self' ${socket} ${bridge.url}; img-src data:; require-trusted-types-for 'script'; trusted-types lit-html`,
    )
    const file = searchParams.has('all') ? 'drover.all.js' : 'drover.js'
    const attribute = searchParams.has('keys') ? ` seal-keys="${searchParams.get('keys')}"` : ''
    response.end(`<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">
<script type="module" src="${bridge.url}/${file}"></script>
<main><h1>Shop</h1><drover-master url="${socket}/stomp" token-url="/token" owner="foo"${attribute}>
<drover-form task="seal.echo"></drover-form><drover-jobs></drover-jobs><drover-job request-id="${searchParams.get('job') ?? ''}"></drover-job>
</drover-master></main>`)
  })
  starting.defer(() => void server.close().closeAllConnections())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const bridge = starting.use(await startBridge({ origins: [url], secret }))
  starting.use(
    await startWorker({
      url: bridge.stompUrl!.replace('://', '://foo:bar@'),
      tasks: [
        implement(echo, async ({ text }, job) => {
          job.log('info', `heard ${text}`)
          return { said: answer }
        }),
      ],
      signals: false,
      seal: { keys: own },
    }),
  )
  const stack = starting.move()
  return Object.assign(state, {
    harness,
    bridge,
    url,
    keys,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  })
}
