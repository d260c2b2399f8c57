/** WebSockets as byte links, on Node by `ws`: the bridge's own, and those that it opens to a broker. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ClientOptions, type RawData, type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import { type Accept, type ByteSink, type Connect, FrameTooLarge } from '../../shared/frames/byte-link.ts'
import { readLastWords } from '../../shared/stomp/sockets/node-last-words.ts'
import type { BridgeApp } from '../app.ts'
import type { Limits } from '../limits.ts'
import type { BrowserLink } from '../relay/browser-side.ts'
import { closeCodes } from '../relay/close-codes.ts'
import { brokerUnreachable, closeMs } from '../tcp.ts'

/** Deflate costs some 240 KiB a connection. */
const perMessageDeflate = false
const handshakeTimeoutMs = 10_000

type WebSocketLimits = Pick<Limits, 'frame' | 'connectFrame' | 'maxHeldBytes'>

/** `ws` has this option; its types do not know it yet. */
interface ServerOptionsWithClose extends ServerOptions {
  readonly closeTimeout: number
}

/**
 * Lets an app answer a server's upgrade requests.
 * @returns waits until the connections are closed, or ends those that are left
 */
export function handleUpgrades(server: Server, app: BridgeApp, limits: WebSocketLimits): () => Promise<void> {
  let chosen: string | undefined
  const options: ServerOptionsWithClose = {
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
  const response = await app.fetch(new Request(url, { headers }), {
    address,
    upgrade(protocol, accept) {
      accepted = { protocol, accept }
      return new Response(null) // Node has no response of status 101; this one is not sent
    },
  })
  return accepted ? { response, accepted } : { response }
}

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
  // Until the session is known only that much may come, in messages of any size
  let untilAdmitted = limits.connectFrame.maxHeaderBytes + limits.maxHeldBytes
  const countBytes = (chunk: Buffer): void => {
    untilAdmitted -= chunk.length
    if (untilAdmitted < 0) opened.terminate()
  }
  socket.on('data', countBytes)
  // Of a message nothing is seen until its end. The rest of a chunk may be the next one's, but a chunk is small
  let ended = 0
  const onEnd = (): void => {
    ended = socket.bytesRead
  }
  opened.on('message', onEnd).on('ping', onEnd).on('pong', onEnd)
  const link: BrowserLink = {
    ...createLink(opened, socket, true),
    get unsentBytes() {
      return socket.writableLength
    },
    get unfinishedBytes() {
      return socket.bytesRead - ended
    },
    admitted: () => void socket.off('data', countBytes),
    ping() {
      if (opened.readyState === opened.OPEN) opened.ping()
    },
  }
  listen(opened, socket, accept(link))
}

/**
 * Opens connections to a broker's WebSocket endpoint, which takes one frame a message, as text.
 * @param protocol such as `v12.stomp`
 * @returns rejects with `broker_unreachable`
 */
export function connectWebSocket(url: URL, protocol: string): Connect {
  return sink =>
    new Promise((resolve, reject) => {
      // A body that is not UTF-8 comes as text from some brokers; it is passed on as the bytes that it is
      const options: ClientOptions = {
        perMessageDeflate,
        skipUTF8Validation: true,
        handshakeTimeout: handshakeTimeoutMs,
      }
      const opening = new WebSocket(url, [protocol], options)
      let socket: Duplex | undefined
      opening.once('upgrade', response => {
        socket = response.socket
        readLastWords(socket)
      })
      const onError = (cause: Error): void => reject(brokerUnreachable(`${url.protocol}//${url.host}`, cause))
      opening.once('error', onError)
      opening.once('open', () => {
        opening.off('error', onError)
        const link = createLink(opening, socket!, false)
        const sendOn = link.send
        let largest = 0
        const send = (frame: Uint8Array): void => {
          largest = Math.max(largest, frame.length)
          sendOn(frame)
        }
        listen(opening, socket!, sink, code => (code === closeCodes.tooLarge ? new FrameTooLarge(largest) : undefined))
        resolve(Object.assign(link, { send }))
      })
    })
}

function createLink(opened: WebSocket, socket: Duplex, binary: boolean): BrowserLink {
  const options = { binary, compress: false }
  return {
    oneFrameASend: !binary,
    get unsentBytes() {
      return socket.writableLength
    },
    send(bytes) {
      if (opened.readyState === opened.OPEN) opened.send(bytes, options)
    },
    pause: () => opened.pause(),
    resume: () => opened.resume(),
    close(code = closeCodes.normal, reason = '') {
      // The peer's answer to the close has to be read
      opened.resume()
      opened.close(code, reason)
    },
  }
}

function listen(
  opened: WebSocket,
  socket: Duplex,
  sink: ByteSink,
  reasonOf: (code: number) => Error | undefined = () => undefined,
): void {
  let failure: Error | undefined
  opened.on('message', (data: RawData) => sink.bytes(data as Buffer))
  opened.on('error', error => {
    failure = error
  })
  opened.on('close', code => sink.closed(reasonOf(code) ?? failure))
  socket.on('drain', () => sink.drained())
}

const ignore = (): void => {}
