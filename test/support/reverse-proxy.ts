/** A reverse proxy as operators have one before a bridge: it passes `Host` and upgrades on, and may add headers. */
import { createServer, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface ReverseProxy extends Disposable {
  readonly url: string
}

/**
 * Starts it.
 * @param target the address of the bridge that a path is asked of; `undefined` where there is none
 * @param added headers, put in place of those that are there
 */
export async function startReverseProxy(
  target: (path: string) => string | undefined,
  added: (request: IncomingMessage) => Record<string, string> = () => ({}),
): Promise<ReverseProxy> {
  const portFor = ({ url = '' }: IncomingMessage): number | undefined => {
    const found = target(url)
    return found === undefined ? undefined : Number(new URL(found).port)
  }
  const server = createServer((from, to) => {
    const port = portFor(from)
    if (port === undefined) return void to.writeHead(404).end('elsewhere')
    const headers = { ...from.headers, ...added(from) }
    const onward = request({ port, path: from.url, method: from.method, headers }, answer => {
      to.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(to)
    })
    onward.on('error', () => to.destroy())
    from.pipe(onward)
  })
  server.on('upgrade', (from, socket: Socket) => {
    const port = portFor(from)
    if (port === undefined) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
    const onward = connect(port, '127.0.0.1', () => {
      const lines = Object.entries({ ...from.headers, ...added(from) }).map(([name, value]) => `${name}: ${value}`)
      onward.write(`GET ${from.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
      socket.pipe(onward).pipe(socket)
    })
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
