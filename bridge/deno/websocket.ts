/**
 * WebSockets as byte links, on Deno. Its server's sockets cannot be paused: what a session sends while the broker is slow
 * is bounded by the relay, which then ends the session.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { closeCodes } from '../close-codes.ts'
import type { Accept, ByteLink, ByteSink } from '../link.ts'

/** How often a full socket is looked at, since nothing tells when it has drained. */
const drainPollMs = 20
const highBytes = 65_536
/** Seconds without an answer to a ping before a connection counts as dead. */
const idleTimeout = 120
const encoder = new TextEncoder()

/** Makes a WebSocket of a request. */
export function upgrade(request: Request, protocol: string | undefined, accept: Accept): Response {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout })
  // Its own option refuses a list that has commas without spaces (Deno 2.9)
  if (protocol !== undefined) response.headers.set('sec-websocket-protocol', protocol)
  socket.binaryType = 'arraybuffer'
  const link = createLink(socket, () => sink?.drained())
  let sink: ByteSink | undefined = accept(link)
  socket.onmessage = ({ data }) => sink?.bytes(typeof data === 'string' ? encoder.encode(data) : new Uint8Array(data))
  let failure: Error | undefined
  socket.onerror = event => {
    failure = new DroverError('connection_lost', event instanceof ErrorEvent ? event.message : 'The WebSocket failed')
  }
  socket.onclose = () => {
    sink?.closed(failure)
    sink = undefined
  }
  return response
}

function createLink(socket: WebSocket, onDrained: () => void): ByteLink {
  let poll: ReturnType<typeof setInterval> | undefined
  const watch = (): void => {
    if (poll !== undefined || socket.bufferedAmount < highBytes) return
    poll = setInterval(() => {
      if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount > highBytes / 4) return
      clearInterval(poll)
      poll = undefined
      if (socket.readyState === WebSocket.OPEN) onDrained()
    }, drainPollMs)
  }
  return {
    oneFrameASend: false,
    get unsentBytes() {
      return socket.bufferedAmount
    },
    send(bytes) {
      if (socket.readyState !== WebSocket.OPEN) return
      socket.send(bytes as Uint8Array<ArrayBuffer>)
      watch()
    },
    pause() {},
    resume() {},
    close(code = closeCodes.normal, reason = '') {
      if (socket.readyState === WebSocket.OPEN) socket.close(code, reason)
    },
  }
}
