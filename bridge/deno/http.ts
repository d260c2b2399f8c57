/** An HTTP server on Deno that says in one clear sentence why it cannot listen. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { BridgeApp } from '../app.ts'
import type { Listener } from '../serve.ts'
import { upgrade } from './websocket.ts'

/** How long answers under way may take when it ends. */
const closeMs = 2_000

/**
 * Serves an app.
 * @throws {DroverError} `port_taken` or `config_invalid`
 */
export async function listenHttp(app: BridgeApp, hostname: string, port: number): Promise<Listener> {
  const { promise: listening, resolve, reject } = Promise.withResolvers<number>()
  try {
    const server = Deno.serve({ hostname, port, onListen: ({ port }) => resolve(port) }, (request, { remoteAddr }) =>
      app.fetch(request, {
        address: remoteAddr.hostname,
        upgrade: (protocol, accept) => upgrade(request, protocol, accept),
      }),
    )
    return {
      port: await listening,
      async close() {
        let timer: ReturnType<typeof setTimeout> | undefined
        const late = new Promise<void>(done => {
          timer = setTimeout(done, closeMs)
        })
        await Promise.race([server.shutdown(), late])
        clearTimeout(timer)
      },
    }
  } catch (error) {
    reject(error)
    listening.catch(() => {})
    throw listenError(error as Error, hostname, port)
  }
}

function listenError(cause: Error, hostname: string, port: number): DroverError {
  return cause instanceof Deno.errors.AddrInUse
    ? new DroverError(
        'port_taken',
        `Port ${port} on ${hostname} is taken by another program; end it or choose another port`,
        { cause },
      )
    : new DroverError('config_invalid', `Cannot listen on ${hostname}:${port}: ${cause.message}`, { cause })
}
