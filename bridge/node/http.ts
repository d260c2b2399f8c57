/** An HTTP server that says in one clear sentence why it cannot listen, and that ends with everything it accepted. */
import { createServer, type IncomingMessage } from 'node:http'
import { getRequestListener } from '@hono/node-server'
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
    connectionsCheckingInterval: Math.ceil(headersMs / 4),
  }
  const server = createServer(timeouts, (request, response) => void listener(request, response))
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
      server.closeIdleConnections()
      await socketsClosed()
      await closed
    },
  }
}

/** Where a target is a whole URL, as to a proxy: the host in it. */
const hostOf = (target = ''): string | undefined =>
  /^https?:/i.test(target) ? (URL.parse(target)?.host ?? '') : undefined
