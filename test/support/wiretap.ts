/** A TCP proxy that keeps all bytes that pass, both ways, as an eavesdropper at the broker's port has them. */
import { type AddressInfo, connect, createServer } from 'node:net'

export interface Wiretap extends AsyncDisposable {
  /** `url` with this proxy's host and port in place of its own. */
  through(url: string): string
  /** All bytes so far, as Latin-1 text. */
  text(): string
}

/** @param target address of the server behind it */
export async function startWiretap(target: string): Promise<Wiretap> {
  const { hostname, port } = new URL(target)
  const pieces: Buffer[] = []
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer(socket => {
    const peer = connect(Number(port), hostname)
    for (const [from, to] of [
      [socket, peer],
      [peer, socket],
    ] as const) {
      sockets.add(from)
      from.on('data', bytes => {
        pieces.push(bytes)
        to.write(bytes)
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const own = (server.address() as AddressInfo).port
  return {
    through(url) {
      const through = new URL(url)
      through.host = `127.0.0.1:${own}`
      return String(through)
    },
    text: () => Buffer.concat(pieces).toString('latin1'),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
