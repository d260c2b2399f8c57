/** Sockets on Deno: TCP and TLS in a WebSocket's clothes for stompjs, and WebSockets. */
import { joinBytes } from '../../bytes.ts'
import { subprotocols } from '../../stomp-versions.ts'
import { otherProtocol } from '../errors/other-protocol.ts'
import type { StompSocket } from '../session/link.ts'
import { defaultPorts, readAddress } from './address.ts'
import { openDenoTls, readDenoTls } from './deno-tls.ts'
import { openTlsWebSocket } from './node-tls-websocket.ts'
import { silentEnd, tlsAdvice } from './tls-advice.ts'
import type { TlsMaterial, TlsOptions } from './tls-options.ts'

/** How long the other side may take to close as well, in ms. */
const closeTimeoutMs = 5_000

/**
 * The sockets of a connection. A WebSocket with TLS of one's own is by `ws`, since Deno's hides faults of TLS.
 * @param address that they will lead to; with a connection of somebody else there is none
 * @throws {DroverError} `config_invalid` for TLS that cannot be
 */
export function denoSockets(
  address: string | URL | undefined,
  tls: TlsOptions | undefined,
): (address: string | URL) => StompSocket {
  const source = address === undefined ? undefined : readDenoTls(tls, address)
  return source === undefined ? createDenoSocket : to => createDenoSocket(to, source())
}

/**
 * Opens a socket for `connectStomp`.
 * @param address `stomp:` (port 61613 by default), `stomp+ssl:` (61614), `ws:` or `wss:`
 * @param tls for `stomp+ssl:` and `wss:`, beyond Deno's defaults
 */
export function createDenoSocket(address: string | URL, tls?: TlsMaterial): StompSocket {
  const { url } = readAddress(address)
  const port = defaultPorts[url.protocol]
  if (port === undefined) return tls === undefined ? openWebSocket(url) : openTlsWebSocket(url, tls)
  const to = { hostname: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || port }
  return dress(url.protocol === 'stomp:' ? Deno.connect(to) : openDenoTls(to, tls), url)
}

function openWebSocket(url: URL): StompSocket {
  const socket = new WebSocket(url, subprotocols)
  socket.addEventListener('error', event =>
    Object.assign(event, tlsAdvice(url.protocol, (event as ErrorEvent).message)),
  )
  return socket as StompSocket
}

function dress(opening: Promise<Deno.TcpConn | Deno.TlsConn>, { href, protocol }: URL): StompSocket {
  let readyState = 0
  let conn: Deno.TcpConn | Deno.TlsConn | undefined
  const waiting: Uint8Array[] = []
  let isWriting = false
  let hasRead = false
  let closeTimer: ReturnType<typeof setTimeout> | undefined

  const end = (): void => {
    if (readyState === 3) return
    readyState = 3
    waiting.length = 0
    clearTimeout(closeTimer)
    try {
      conn?.close()
    } catch {
      // It was closed by the other side already.
    }
    socket.onclose?.(hasRead ? {} : { reason: silentEnd(protocol) })
  }
  const fail = (error: unknown): void => {
    if (readyState < 2) socket.onerror?.({ error, message: String(error), ...tlsAdvice(protocol, error) })
    end()
  }

  const write = async (to: Deno.Conn): Promise<void> => {
    isWriting = true
    await Promise.resolve() // the frames of one turn, such as a transaction, leave in one piece
    while (waiting.length > 0) {
      const bytes = joinBytes(waiting.splice(0))
      for (let from = 0; from < bytes.length; ) from += await to.write(bytes.subarray(from))
    }
    isWriting = false
    if (readyState === 2) await to.closeWrite()
  }
  const read = async (from: Deno.Conn): Promise<void> => {
    const buffer = new Uint8Array(64 * 1024)
    for (let isFirst = true; ; isFirst = false) {
      const count = await from.read(buffer)
      if (count === null) return end()
      hasRead = true
      const other = isFirst ? otherProtocol(buffer.subarray(0, count)) : undefined
      if (other !== undefined) {
        socket.onerror?.({ message: other })
        return end()
      }
      socket.onmessage?.({ data: buffer.slice(0, count) })
    }
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
      if (readyState !== 1 || !conn) return
      waiting.push(toBytes(data))
      if (!isWriting) write(conn).catch(fail)
    },
    close() {
      if (readyState === 0) queueMicrotask(end)
      if (readyState !== 1) return
      readyState = 2
      closeTimer = setTimeout(end, closeTimeoutMs)
      if (!isWriting) conn?.closeWrite().catch(fail)
    },
    terminate() {
      readyState = Math.max(readyState, 2)
      queueMicrotask(end)
    },
  }

  opening.then(opened => {
    if (readyState !== 0) return opened.close()
    conn = opened
    if ('setNoDelay' in opened) opened.setNoDelay(true)
    readyState = 1
    socket.onopen?.()
    // Many servers end a connection without the last word of TLS
    read(opened).catch(error => (/close_notify/.test(String(error)) ? end() : fail(error)))
  }, fail)
  return socket
}

const encoder = new TextEncoder()

function toBytes(data: Parameters<StompSocket['send']>[0]): Uint8Array {
  if (typeof data === 'string') return encoder.encode(data)
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return new Uint8Array(data as ArrayBuffer)
}
