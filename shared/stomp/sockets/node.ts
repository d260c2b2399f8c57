/** Sockets on Node: TCP and TLS in a WebSocket's clothes for stompjs, and the global WebSocket. */
import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { otherProtocol } from '../errors/other-protocol.ts'
import type { StompSocket } from '../session/link.ts'
import { defaultPorts, readAddress } from './address.ts'
import { readLastWords } from './node-last-words.ts'
import { openNodeWebSocket } from './node-websocket.ts'
import { tlsAdvice } from './tls-advice.ts'

/** How long the other side may take to close as well. */
const closeTimeoutMs = 5_000

/**
 * Opens a socket for `connectStomp`.
 * @param address `stomp:` (port 61613 by default), `stomp+ssl:` (61614), `ws:` or `wss:`
 * @param tls added to Node's defaults for `stomp+ssl:`, such as `ca`
 */
export function createNodeSocket(address: string | URL, tls: ConnectionOptions = {}): StompSocket {
  const { url } = readAddress(address)
  const port = defaultPorts[url.protocol]
  if (port === undefined) return openNodeWebSocket(url)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const to = { host, port: Number(url.port) || port }
  if (url.protocol === 'stomp:') return dress(connect(to), 'connect', url)
  return dress(connectTls({ ...(isIP(host) ? {} : { servername: host }), ...tls, ...to }), 'secureConnect', url)
}

function dress(tcp: Socket, ready: 'connect' | 'secureConnect', { href, protocol }: URL): StompSocket {
  let readyState = 0
  let waiting = ''
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
    const other = otherProtocol(first)
    if (other !== undefined) tcp.destroy(new Error(other))
  })
  tcp.on('data', data => socket.onmessage?.({ data }))
  tcp.on('error', error => socket.onerror?.({ error, message: error.message, ...tlsAdvice(protocol, error) }))
  tcp.on('close', () => {
    readyState = 3
    socket.onclose?.({})
  })
  return socket
}

function toBytes(data: Parameters<StompSocket['send']>[0]): Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return new Uint8Array(data as ArrayBuffer)
}
