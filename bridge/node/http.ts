/** An HTTP server that says in one clear sentence why it cannot listen, and that ends with everything it accepted. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { longestTimerMs } from '../../shared/clock.ts'
import type { BridgeApp } from '../app.ts'
import type { Limits } from '../limits.ts'
import { type Listener, listenError } from '../tcp.ts'
import { handleUpgrades } from './websocket.ts'

/**
 * Serves an app, WebSockets included.
 * @throws {DroverError} `port_taken` or `config_invalid`
 */
export async function listenHttp(app: BridgeApp, hostname: string, port: number, limits: Limits): Promise<Listener> {
  const listener = getRequestListener(
    (request, { incoming }) =>
      app.fetch(request, {
        address: (incoming as IncomingMessage).socket.remoteAddress ?? '',
        targetHost: hostOf((incoming as IncomingMessage).url),
        upgrade: () => new Response(null, { status: 426 }),
      }),
    { hostname: 'localhost' }, // for the URL alone, where HTTP/1.0 names no host
  )
  const { headersMs, requestMs } = limits
  const timeouts = {
    headersTimeout: Math.min(headersMs, requestMs),
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(Math.ceil(headersMs / 4), longestTimerMs),
  }
  const server = createServer(timeouts, (request, response) => void listener(request, response))
  const unasked = connectionsWithoutRequest(server)
  const socketsClosed = handleUpgrades(server, app, limits)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(listenError(cause, hostname, port, cause.code === 'EADDRINUSE')),
    )
    server.listen(port, hostname.replace(/^\[|\]$/g, ''), resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    async close() {
      if (!server.listening) return
      const closed = new Promise(resolve => server.close(resolve))
      // From here on Node has no timeouts: a peer that asks nothing, or never ends its request, would keep it open for ever
      server.closeIdleConnections()
      for (const socket of unasked) socket.destroy()
      const last = setTimeout(() => server.closeAllConnections(), Math.min(requestMs, longestTimerMs))
      await socketsClosed()
      await closed
      clearTimeout(last)
    },
  }
}

/** Connections on which no request has come whole, such as those that a browser opens in advance. */
function connectionsWithoutRequest(server: Server): ReadonlySet<Duplex> {
  const sockets = new Set<Duplex>()
  const forget = function (this: Duplex): void {
    sockets.delete(this)
  }
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', forget)
  })
  server.on('request', ({ socket }) => void sockets.delete(socket))
  server.on('upgrade', (_, socket) => {
    socket.off('close', forget)
    sockets.delete(socket)
  })
  return sockets
}

/** Where a target is a whole URL, as to a proxy: the host in it. */
const hostOf = (target = ''): string | undefined =>
  /^https?:/i.test(target) ? (URL.parse(target)?.host ?? '') : undefined
