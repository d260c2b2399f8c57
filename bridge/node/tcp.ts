/** TCP and TLS as byte links, on Node. */
import { createServer, isIP, connect as openTcp, type Server, type Socket } from 'node:net'
import { connect as openTls } from 'node:tls'
import type { Accept, ByteLink, ByteSink, Connect } from '../../shared/frames/byte-link.ts'
import { readLastWords } from '../../shared/stomp/sockets/node-last-words.ts'
import type { TlsSource } from '../../shared/stomp/sockets/tls-options.ts'
import { brokerUnreachable, closeMs, type Listener, type ListenOptions, listenError, tcpAddressOf } from '../tcp.ts'
import { countRead } from './read-buffers.ts'

/**
 * Listens for TCP connections.
 * @throws {DroverError} `port_taken` when something listens there already, `config_invalid` for an address or port that
 * this machine does not allow
 */
export async function listenTcp({ hostname = '127.0.0.1', port, accept }: ListenOptions): Promise<Listener> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    attach(socket, accept)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(listenError(cause, hostname, port, cause.code === 'EADDRINUSE')),
    )
    server.listen(port, hostname, resolve)
  })
  return { port: portOf(server), close: () => closeServer(server, sockets) }
}

/**
 * Opens connections to a broker.
 * @param url `stomp://host:port`, or `stomp+ssl://host:port` for TLS; default ports 61613 and 61614
 * @param tls for `stomp+ssl:`
 * @throws {DroverError} `config_invalid` for another scheme; the returned function rejects with `broker_unreachable`
 */
export function connectTcp(url: URL, tls?: TlsSource): Connect {
  const { hostname: host, port, isTls } = tcpAddressOf(url)
  return (sink, signal) =>
    new Promise((resolve, reject) => {
      const onError = (cause: Error) => reject(brokerUnreachable(url, cause))
      const giveUp = () => void socket.destroy(signal?.reason)
      const onOpen = () => {
        socket.off('error', onError)
        signal?.removeEventListener('abort', giveUp)
        resolve(attach(socket, () => sink))
      }
      const socket = isTls
        ? openTls({ ...(isIP(host) === 0 ? { servername: host } : {}), ...tls?.(), host, port }, onOpen)
        : openTcp({ host, port }, onOpen)
      socket.setNoDelay(true)
      readLastWords(socket)
      socket.once('error', onError)
      signal?.addEventListener('abort', giveUp)
    })
}

function attach(socket: Socket, accept: Accept): ByteLink {
  const link = new TcpLink(socket)
  link.listen(accept(link))
  return link
}

const linkKey = Symbol('link')
type Linked = Socket & { [linkKey]?: TcpLink }

/** One object, and listeners that all connections share: thousands of them stand still. */
class TcpLink implements ByteLink {
  readonly oneFrameASend = false
  readonly #socket: Socket
  #sink: ByteSink | undefined
  #error: Error | undefined
  #isHigh = false
  #isCorked = false
  #closeTimer: NodeJS.Timeout | undefined

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get address(): string {
    return this.#socket.remoteAddress ?? ''
  }

  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  send(bytes: Uint8Array): void {
    const socket = this.#socket
    if (!socket.writable) return
    // One system call for all that this tick sends
    if (!this.#isCorked) {
      this.#isCorked = true
      socket.cork()
      process.nextTick(uncork, this)
    }
    if (!socket.write(bytes)) this.#isHigh = true
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    const socket = this.#socket
    if (this.#closeTimer || socket.destroyed) return
    this.#closeTimer = setTimeout(() => socket.destroy(), closeMs)
    socket.end()
    // Reads on, to see the peer's end
    socket.resume()
  }

  /** Hands over the bytes that come from now on. */
  listen(sink: ByteSink): void {
    this.#sink = sink
    const socket: Linked = this.#socket
    socket[linkKey] = this
    socket.on('data', onData).on('drain', onDrain).on('error', onError).on('close', onClose)
  }

  uncork(): void {
    this.#isCorked = false
    this.#socket.uncork()
  }

  bytes(chunk: Buffer): void {
    countRead(chunk)
    this.#sink!.bytes(chunk)
  }

  drained(): void {
    if (!this.#isHigh) return
    this.#isHigh = false
    this.#sink!.drained()
  }

  failed(cause: Error): void {
    this.#error = cause
  }

  closed(): void {
    clearTimeout(this.#closeTimer)
    this.#sink!.closed(this.#error)
  }
}

const uncork = (link: TcpLink): void => link.uncork()

function onData(this: Linked, chunk: Buffer): void {
  this[linkKey]!.bytes(chunk)
}

function onDrain(this: Linked): void {
  this[linkKey]!.drained()
}

function onError(this: Linked, cause: Error): void {
  this[linkKey]!.failed(cause)
}

function onClose(this: Linked): void {
  this[linkKey]!.closed()
}

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

const closeServer = (server: Server, sockets: ReadonlySet<Socket>): Promise<void> =>
  new Promise(resolve => {
    if (!server.listening) return resolve()
    server.close(() => resolve())
    for (const socket of sockets) socket.destroySoon()
  })
