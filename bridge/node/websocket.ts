/** WebSockets as byte links, on Node by `ws`: the bridge's own, and those that it opens to a broker. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import type { Accept, Connect } from '../../shared/frames/byte-link.ts'
import { readLastWords } from '../../shared/stomp/sockets/node-last-words.ts'
import type { TlsSource } from '../../shared/stomp/sockets/tls-options.ts'
import type { BridgeApp } from '../app.ts'
import type { Limits } from '../limits.ts'
import { brokerUnreachable, closeMs } from '../tcp.ts'
import { BrokerSocketLink, BrowserSocketLink } from './websocket-link.ts'

/** Deflate costs some 240 KiB a connection. */
const perMessageDeflate = false
const handshakeTimeoutMs = 10_000

type WebSocketLimits = Pick<Limits, 'frame' | 'connectFrame' | 'maxHeldBytes'>

/** `ws` has this option; its types do not know it yet. */
interface WithClose {
  readonly closeTimeout: number
}

/**
 * Lets an app answer a server's upgrade requests.
 * @returns waits until the connections are closed, or ends those that are left
 */
export function handleUpgrades(server: Server, app: BridgeApp, limits: WebSocketLimits): () => Promise<void> {
  let chosen: string | undefined
  const options: ServerOptions & WithClose = {
    noServer: true,
    perMessageDeflate,
    maxPayload: limits.frame.maxBodyBytes + limits.frame.maxHeaderBytes,
    closeTimeout: closeMs,
    handleProtocols: () => chosen ?? false,
  }
  const sockets = new WebSocketServer(options)
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', ignore)
    void answer(request, app).then(
      ({ response, accepted }) => {
        if (accepted === undefined) {
          refuse(socket, response)
          return
        }
        chosen = accepted.protocol
        sockets.handleUpgrade(request, socket, head, opened => attach(opened, request.socket, accepted.accept, limits))
      },
      () => socket.destroy(), // a request that the runtime cannot say, such as a URL that is none
    )
  })
  return async () => {
    await Promise.all(Array.from(sockets.clients, socket => new Promise(resolve => socket.once('close', resolve))))
  }
}

interface Accepted {
  readonly protocol: string | undefined
  readonly accept: Accept
}

async function answer(request: IncomingMessage, app: BridgeApp): Promise<{ response: Response; accepted?: Accepted }> {
  const headers = new Headers()
  // As they came: of a second Host or Origin Node keeps nothing, and a proxy may have gone by that one
  const { rawHeaders } = request
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!)
  let accepted: Accepted | undefined
  const address = request.socket.remoteAddress ?? ''
  // Never resolved: a path that begins with // would be taken for a host, and credentials in it are no request at all
  const url = `http://bridge${request.url?.startsWith('/') ? request.url : '/*'}`
  const response = await app.fetch(upgradeRequest(url, headers), {
    address,
    upgrade(protocol, accept) {
      accepted = { protocol, accept }
      return new Response(null) // Node has no response of status 101; this one is not sent
    },
  })
  return accepted ? { response, accepted } : { response }
}

/** As much of a request as is read of one that has no body: making a whole one takes longer than all that is done with it. */
const upgradeRequest = (url: string, headers: Headers): Request =>
  ({ method: 'GET', url, headers }) satisfies Pick<Request, 'method' | 'url' | 'headers'> as Request

function refuse(socket: Duplex, response: Response): void {
  void response.arrayBuffer().then(body => {
    // Node leaves its half open until the peer closes the other, which it may never do
    socket.once('finish', () => socket.destroy())
    const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`, 'connection: close']
    response.headers.forEach((value, name) => void lines.push(`${name}: ${value}`))
    socket.write(`${lines.join('\r\n')}\r\ncontent-length: ${body.byteLength}\r\n\r\n`)
    socket.end(new Uint8Array(body))
  })
}

function attach(opened: WebSocket, socket: Socket, accept: Accept, limits: WebSocketLimits): void {
  const link = new BrowserSocketLink(opened, socket, limits.connectFrame.maxHeaderBytes + limits.maxHeldBytes)
  link.listen(accept(link))
}

/**
 * Opens connections to a broker's WebSocket endpoint, which takes one frame a message, as text.
 * @param protocol such as `v12.stomp`
 * @param tls for `wss:`
 * @returns rejects with `broker_unreachable`
 */
export function connectWebSocket(url: URL, protocol: string, tls?: TlsSource): Connect {
  return (sink, signal) =>
    new Promise((resolve, reject) => {
      // A body that is not UTF-8 comes as text from some brokers; it is passed on as the bytes that it is
      const options: ClientOptions & WithClose = {
        closeTimeout: closeMs,
        perMessageDeflate,
        skipUTF8Validation: true,
        handshakeTimeout: handshakeTimeoutMs,
        ...tls?.(),
      }
      const opening = new WebSocket(url, [protocol], options)
      let socket: Duplex | undefined
      opening.once('upgrade', response => {
        socket = response.socket
        readLastWords(socket)
      })
      const onError = (cause: Error): void => reject(brokerUnreachable(url, cause))
      const giveUp = (): void => opening.terminate()
      opening.once('error', onError)
      signal?.addEventListener('abort', giveUp)
      opening.once('open', () => {
        opening.off('error', onError)
        signal?.removeEventListener('abort', giveUp)
        const link = new BrokerSocketLink(opening, socket!)
        link.listen(sink)
        resolve(link)
      })
    })
}

const ignore = (): void => {}
