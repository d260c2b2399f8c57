/** TLS before a port of this machine: of a broker, or of a bridge, whose WebSockets go through it as they are. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { createServer, type TlsOptions } from 'node:tls'
import type { Signed } from './authority.ts'

export interface TlsFront extends AsyncDisposable {
  readonly port: number
  /** The names in the certificates of those who connected. */
  readonly peers: readonly string[]
}

export interface FrontOptions extends TlsOptions {
  /** The authority whose certificates are asked for. */
  readonly clients?: string
}

/** Starts it. */
export async function startTlsFront(
  target: number,
  { cert, key }: Signed,
  { clients, ...more }: FrontOptions = {},
): Promise<TlsFront> {
  const peers: string[] = []
  const asks = clients === undefined ? {} : { ca: readFileSync(clients), requestCert: true, rejectUnauthorized: true }
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert), ...asks, ...more }, secure => {
    peers.push(String(secure.getPeerCertificate().subject?.CN))
    const plain = connect(target, '127.0.0.1')
    secure.pipe(plain).pipe(secure)
    secure.on('error', () => plain.destroy()).on('close', () => plain.destroy())
    plain.on('error', () => secure.destroy()).on('close', () => secure.destroy())
  })
  server.on('tlsClientError', () => {})
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', socket => void sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    peers,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
