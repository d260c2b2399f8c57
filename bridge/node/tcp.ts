/** TCP and TLS as byte links, on Node. */
import { createServer, isIP, connect as openTcp, type Server, type Socket } from 'node:net'
import { connect as openTls } from 'node:tls'
import type { Accept, ByteLink, ByteSink, Connect } from '../../shared/frames/byte-link.ts'
import { readLastWords } from '../../shared/stomp/sockets/node-last-words.ts'
import type { TlsSource } from '../../shared/stomp/sockets/tls-options.ts'
import { brokerUnreachable, closeMs, type Listener, type ListenOptions, listenError, tcpAddressOf } from '../tcp.ts'

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
  return sink =>
    new Promise((resolve, reject) => {
      const onError = (cause: Error) => reject(brokerUnreachable(url, cause))
      const onOpen = () => {
        socket.off('error', onError)
        resolve(attach(socket, () => sink))
      }
      const socket = isTls
        ? openTls({ ...(isIP(host) === 0 ? { servername: host } : {}), ...tls?.(), host, port }, onOpen)
        : openTcp({ host, port }, onOpen)
      socket.setNoDelay(true)
      readLastWords(socket)
      socket.once('error', onError)
    })
}

function attach(socket: Socket, accept: Accept): ByteLink {
  let error: Error | undefined
  let isHigh = false
  let isCorked = false
  let closeTimer: NodeJS.Timeout | undefined
  const link: ByteLink = {
    oneFrameASend: false,
    address: socket.remoteAddress ?? '',
    get unsentBytes() {
      return socket.writableLength
    },
    send(bytes) {
      if (!socket.writable) return
      // One system call for all that this tick sends
      if (!isCorked) {
        isCorked = true
        socket.cork()
        process.nextTick(() => {
          isCorked = false
          socket.uncork()
        })
      }
      if (!socket.write(bytes)) isHigh = true
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close() {
      if (closeTimer || socket.destroyed) return
      closeTimer = setTimeout(() => socket.destroy(), closeMs)
      socket.end()
      // Reads on, to see the peer's end
      socket.resume()
    },
  }
  const sink: ByteSink = accept(link)
  socket.on('data', chunk => sink.bytes(chunk))
  socket.on('drain', () => {
    if (!isHigh) return
    isHigh = false
    sink.drained()
  })
  socket.on('error', cause => {
    error = cause
  })
  socket.on('close', () => {
    clearTimeout(closeTimer)
    sink.closed(error)
  })
  return link
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
