/** The bridge over HTTP: web standards only. The parts that differ by runtime arrive as ports. Design sections 6 and 7. */
import { type Context, Hono } from 'hono'
import { requestId } from 'hono/request-id'
import { DroverError, type ErrorCode } from '../shared/contract/errors.ts'
import type { Accept } from '../shared/frames/byte-link.ts'
import { subprotocols } from '../shared/stomp-versions.ts'
import type { Caller, CallerOf } from './access/caller.ts'
import type { Origins } from './access/origins.ts'
import type { OnEvent } from './events.ts'
import { pathBelow, probes } from './http/base.ts'
import { type BrokerRoutesOptions, describeBroker, moveQueue, purgeQueue } from './http/broker.ts'
import { createPage, isForEveryOrigin, type ReadPageFiles } from './http/page.ts'
import { type RevokeOptions, revoke } from './http/revoke.ts'
import { clearCookie, describeSignIn, issueToken, type TokenOptions } from './http/token.ts'
import { limitIn } from './limit-reached.ts'
import type { Peer } from './relay/browser-side.ts'
import type { Readiness } from './relay/readiness.ts'
import type { SessionRegistry } from './relay/session-registry.ts'

/** A runtime hands these over with each request. */
interface RequestPort {
  /** IP address of the peer, which may be a proxy. */
  readonly address: string
  /** The host that the request's target names, where it is a whole URL. */
  readonly targetHost?: string | undefined
  /**
   * Makes a WebSocket of this request.
   * @param protocol to answer with, if any
   * @returns the response to give back
   */
  upgrade(protocol: string | undefined, accept: Accept): Response
}

interface RequestEnv {
  readonly Bindings: RequestPort
  readonly Variables: {
    readonly caller: Caller
    /** By which it was asked; empty for none. */
    readonly host: string
  }
}

export type BridgeApp = Hono<RequestEnv>

export interface AppOptions {
  /** The path before all others; empty for none. */
  readonly base: string
  /** As they count now. */
  origins(): Origins
  callerOf(): CallerOf
  /** @param host by which it was asked */
  token(host: string): TokenOptions
  readonly broker: BrokerRoutesOptions
  readonly revoke: RevokeOptions
  readonly sessions: SessionRegistry
  readonly readiness: Pick<Readiness, 'look'>
  readonly onEvent: OnEvent
  /** Makes the taker of a session's bytes. */
  readonly acceptFrom: (peer: Peer) => Accept
  readonly readPageFiles: ReadPageFiles
  /** ms from anywhere, as `Clock.steady`. */
  steady(): number
  /** As `RelayContext.newId`. */
  newId(): string
}

export function createApp(options: AppOptions): BridgeApp {
  const { base, token, broker, sessions, readiness, onEvent, acceptFrom, steady } = options
  const app: BridgeApp = new Hono({ getPath: pathBelow(base) })
  const startedAt = steady()

  // That of the proxy, where it is a short word
  app.use(requestId({ generator: options.newId, limitLength: 128 }))

  app.use(async (c, next) => {
    const { address, targetHost } = c.env
    const caller = options.callerOf()(address, name => c.req.header(name))
    c.set('caller', caller)
    const origins = options.origins()
    // A host in the target counts before the Host header: RFC 9112, 3.2.2
    const host = targetHost ?? c.req.header('host')
    c.set('host', host ?? '')
    // A probe comes by an address, or by no name at all; its answer is no secret.
    if (targetHost !== undefined || !probes.has(c.req.path)) origins.checkHost(host)
    const origin = c.req.header('origin')
    // The widgets are for every site; whether that site's pages may connect is another question.
    if (origin !== undefined && !isForEveryOrigin(c.req.path)) {
      // Any page may read the refusal: it is the same for every request, and says how to correct the setting.
      if (!origins.isAllowed(origin, caller.scheme)) c.header('access-control-allow-origin', '*')
      origins.checkOrigin(origin, caller.scheme)
      if (origins.isListed(origin)) {
        c.header('access-control-allow-origin', origin)
        c.header('vary', 'origin')
      }
    }
    await next()
  })

  app.get('/stomp', c => {
    if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
      throw new DroverError('unsupported', 'This address takes WebSockets only; connect to it by ws:// or wss://')
    }
    sessions.checkRoom()
    const given = c.req.header('x-request-id')
    const httpRequestId = given === c.get('requestId') ? given : undefined
    const peer = { address: c.var.caller.address, origin: c.req.header('origin'), httpRequestId }
    return c.env.upgrade(chooseSubprotocol(c.req.header('sec-websocket-protocol')), acceptFrom(peer))
  })

  app.options('/token', c => {
    c.header('access-control-allow-methods', 'POST')
    c.header('access-control-allow-headers', 'authorization, content-type')
    c.header('access-control-max-age', '600')
    return c.body(null, 204)
  })
  app.get('/token', c => describeSignIn(c, token(c.var.host)))
  app.post('/token', c => issueToken(c, c.var.caller, token(c.var.host)))
  app.delete('/token', c => clearCookie(c, token(c.var.host)))

  app.post('/revoke', c => revoke(c, c.var.caller.address, options.revoke))

  app.get('/broker', c => describeBroker(c, c.var.caller.address, broker))
  app.post('/broker/purge', c => purgeQueue(c, c.var.caller.address, broker))
  app.post('/broker/move', c => moveQueue(c, c.var.caller.address, broker))

  app.get('/health', c => {
    c.header('cache-control', 'no-store')
    return c.json({ status: 'ok', sessions: sessions.size, uptime_ms: Math.round(steady() - startedAt) })
  })

  app.get('/ready', async c => {
    c.header('cache-control', 'no-store')
    if (sessions.isDraining) return c.json({ status: 'not_ready', reason: 'This bridge is shutting down' }, 503)
    const state = await readiness.look()
    return state.isReady ? c.json({ status: 'ready' }) : c.json({ status: 'not_ready', reason: state.reason }, 503)
  })

  const page = createPage(options.readPageFiles)
  app.get('*', async (c, next) => (await page(c, c.var.host)) ?? next())

  app.notFound(c => {
    // Files of the page are named from there
    if (base !== '' && c.req.method === 'GET' && new URL(c.req.url).pathname === base) return c.redirect(`${base}/`)
    const message = `There is nothing at this address${base === '' ? '' : `; this bridge is below ${base}/`}`
    return c.json({ error: { code: 'not_found', message } }, 404)
  })
  app.onError((error, c) => answerError(error, c, onEvent))
  return app
}

function chooseSubprotocol(offered: string | undefined): string | undefined {
  if (offered === undefined) return undefined
  const names = offered.split(',').map(name => name.trim())
  const found = subprotocols.find(known => names.includes(known))
  if (found !== undefined) return found
  throw new DroverError(
    'unsupported',
    `None of the subprotocols offered is spoken here; expected ${subprotocols.join(', ')}`,
  )
}

const statuses: { readonly [code in ErrorCode]?: 400 | 401 | 403 | 429 | 501 | 503 } = {
  forbidden: 403,
  keys_unavailable: 503,
  message_invalid: 400,
  not_authenticated: 401,
  queue_full: 503,
  store_failed: 503,
  too_many_attempts: 429,
  unsupported: 501,
}

function answerError(error: Error, c: Context<RequestEnv>, onEvent: OnEvent): Response {
  const known =
    error instanceof DroverError
      ? error
      : new DroverError('closed', 'The bridge failed to answer; its events say more', { cause: error })
  const { code, message, cause } = known
  const origin = c.req.header('origin')
  onEvent({
    type: 'refused',
    address: c.var.caller.address,
    ...(origin === undefined ? {} : { origin }),
    http_request_id: c.get('requestId'),
    code,
    message,
    ...limitIn(known),
    ...(cause === undefined ? {} : { detail: String(cause) }),
  })
  // Of WebSockets it is said that another protocol is needed
  const isOfStomp = code === 'unsupported' && c.req.path === '/stomp'
  // Of its own it is said on purpose; any other error has this code too
  const isEnding = code === 'closed' && known === error
  const status = isOfStomp ? 426 : isEnding ? 503 : (statuses[code] ?? 500)
  if (status === 426) c.header('upgrade', 'websocket')
  if (status === 429) c.header('retry-after', '1')
  c.header('cache-control', 'no-store')
  return c.json({ error: { code, message } }, status)
}
