/** Sockets on Node: TCP and TLS in a WebSocket's clothes for stompjs, and WebSockets. */
import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { otherProtocol } from '../errors/other-protocol.ts'
import type { StompSocket } from '../session/link.ts'
import { defaultPorts, readAddress } from './address.ts'
import { readLastWords } from './node-last-words.ts'
import { readTls } from './node-tls.ts'
import { openTlsWebSocket } from './node-tls-websocket.ts'
import { openNodeWebSocket } from './node-websocket.ts'
import { silentEnd, tlsAdvice } from './tls-advice.ts'
import type { TlsOptions } from './tls-options.ts'

/** How long the other side may take to close as well. */
const closeTimeoutMs = 5_000

/**
 * The sockets of a connection.
 * @param address that they will lead to; with a connection of somebody else there is none
 * @throws {DroverError} `config_invalid` for TLS that cannot be
 */
export function nodeSockets(
  address: string | URL | undefined,
  tls: TlsOptions | undefined,
): (address: string | URL) => StompSocket {
  const source = address === undefined ? undefined : readTls(tls, address)
  return source === undefined ? createNodeSocket : to => createNodeSocket(to, source())
}

/**
 * Opens a socket for `connectStomp`.
 * @param address `stomp:` (port 61613 by default), `stomp+ssl:` (61614), `ws:` or `wss:`
 * @param tls added to Node's defaults for `stomp+ssl:` and `wss:`, such as `ca`
 */
export function createNodeSocket(address: string | URL, tls?: ConnectionOptions): StompSocket {
  const { url } = readAddress(address)
  const port = defaultPorts[url.protocol]
  if (port === undefined) return tls === undefined ? openNodeWebSocket(url) : openTlsWebSocket(url, tls)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const to = { host, port: Number(url.port) || port }
  if (url.protocol === 'stomp:') return dress(connect(to), 'connect', url)
  return dress(connectTls({ ...(isIP(host) ? {} : { servername: host }), ...tls, ...to }), 'secureConnect', url)
}

function dress(tcp: Socket, ready: 'connect' | 'secureConnect', { href, protocol }: URL): StompSocket {
  let readyState = 0
  let waiting = ''
  let hasRead = false
  let isScheduled = false
  const flush = (): void => {
    if (waiting === '') return
    const text = waiting
    waiting = ''
    tcp.write(text)
  }
  const socket: StompSocket = {
    url: href,
    onopen: null,
    onmessage: null,
    onerror: null,
    onclose: null,
    get readyState() {
      return readyState
    },
    send(data) {
      if (readyState !== 1) return
      // The frames of one turn, such as a transaction, leave in one piece: a system call costs more than all else of a frame
      if (typeof data === 'string') waiting += data
      else {
        flush()
        tcp.write(toBytes(data))
      }
      if (isScheduled) return
      isScheduled = true
      process.nextTick(() => {
        isScheduled = false
        flush()
      })
    },
    close() {
      if (readyState === 0) tcp.destroy()
      else if (readyState === 1) {
        flush()
        tcp.end()
        tcp.setTimeout(closeTimeoutMs, () => tcp.destroy())
      }
      readyState = Math.max(readyState, 2)
    },
    terminate() {
      readyState = Math.max(readyState, 2)
      tcp.destroy()
    },
  }
  tcp.setNoDelay(true)
  readLastWords(tcp)
  tcp.on(ready, () => {
    readyState = 1
    socket.onopen?.()
  })
  tcp.once('data', first => {
    hasRead = true
    const other = otherProtocol(first)
    if (other !== undefined) tcp.destroy(new Error(other))
  })
  tcp.on('data', data => socket.onmessage?.({ data }))
  tcp.on('error', error => socket.onerror?.({ error, message: error.message, ...tlsAdvice(protocol, error) }))
  tcp.on('close', () => {
    readyState = 3
    socket.onclose?.(hasRead ? {} : { reason: silentEnd(protocol) })
  })
  return socket
}

function toBytes(data: Parameters<StompSocket['send']>[0]): Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return new Uint8Array(data as ArrayBuffer)
}
