/** WebSockets with TLS of one's own, by `ws`. The global WebSocket of Node takes none, and that of Deno hides faults of TLS. */
import type { ConnectionOptions } from 'node:tls'
import { WebSocket } from 'ws'
import { subprotocols } from '../../stomp-versions.ts'
import type { StompSocket } from '../session/link.ts'
import { readLastWords } from './node-last-words.ts'
import { tlsAdvice } from './tls-advice.ts'

/** As of the global ones, which have none of their own. */
const maxPayload = 1_073_741_824

/** @param url `wss:` */
export function openTlsWebSocket(url: URL, tls: ConnectionOptions): StompSocket {
  const socket = new WebSocket(url, subprotocols, { perMessageDeflate: false, maxPayload, ...tls })
  socket.once('upgrade', ({ socket }) => readLastWords(socket))
  // Each listener of `ws` is given an event of its own, to which nobody else can add
  let onerror: StompSocket['onerror'] = null
  Object.defineProperty(socket, 'onerror', {
    get: () => onerror,
    set: (listener: StompSocket['onerror']) => {
      onerror = listener
    },
  })
  socket.on('error', error => onerror?.({ error, message: error.message, ...tlsAdvice(url.protocol, error) }))
  return socket as unknown as StompSocket
}
