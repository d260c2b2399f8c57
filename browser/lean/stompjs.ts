/**
 * Stands in for `@stomp/stompjs` in what a page downloads (vite.config.ts puts it there): the part of it that shared/stomp
 * uses, which tsconfig.browser-lean.json checks, in a quarter of the bytes. It does what stompjs 7.5 does, which
 * stompjs-differential.test.ts proves on whatever it can think of, but for what stompjs.test.ts has:
 * - a header value with an escaped backslash before c, n or r is read as it was meant;
 * - a content-length that is none leaves the body to end with NUL, and a header line without a colon is a name; stompjs takes
 *   all that follows into the body, and the next line into the name;
 * - heart-beats are for shared/stomp to send and to miss, which has stompjs do neither;
 * - once it was discarded, or its DISCONNECT confirmed, no frame is told of.
 */
import { createReader, type Frame, type Version, writeFrame } from './frames.ts'

type Headers = Record<string, string>

export interface IMessage extends Frame {
  ack(headers?: Headers): void
}

/** A WebSocket, or what is like one. */
export interface IStompSocket {
  readonly url: string
  readonly readyState: number
  binaryType?: string
  onopen: (() => unknown) | null | undefined
  onmessage: ((event: { data: string | ArrayBuffer }) => unknown) | null | undefined
  onerror: ((event: SocketError) => unknown) | null | undefined
  onclose: ((event: SocketClose) => unknown) | null | undefined
  send(data: string | ArrayBuffer | ArrayBufferView): void
  close(): void
  /** At once. */
  terminate?: (() => unknown) | null | undefined
}
type SocketError = { readonly error?: unknown; readonly message?: string } | undefined
type SocketClose = { readonly code?: number; readonly reason?: string } | undefined

export class Versions {
  readonly versions: readonly string[]

  /** @param versions best first */
  constructor(versions: readonly string[]) {
    this.versions = versions
  }
}

export interface ClientOptions {
  webSocketFactory(): IStompSocket
  readonly connectHeaders: Headers
  readonly stompVersions: Versions
  /** It sends no heart-beats and watches for none, */
  readonly heartbeatIncoming: 0
  readonly heartbeatOutgoing: 0
  /** never connects again, */
  readonly reconnectDelay: 0
  /** and does not wait for a peer that is silent to close as well. */
  readonly discardWebsocketOnCommFailure: true
  onConnect(frame: Frame): void
  onUnhandledReceipt(frame: Frame): void
  onStompError(frame: Frame): void
  onHeartbeatReceived(): void
  onWebSocketError(event: SocketError): void
  onWebSocketClose(event: SocketClose): void
}

/** Of DISCONNECT, as stompjs names it. */
const lastReceipt = 'close-0'

/** One session on one socket. What it is told to send it sends: it is asked to between `onConnect` and `onWebSocketClose` alone. */
export class Client {
  readonly #options: ClientOptions
  readonly #subscriptions = new Map<string | undefined, (message: IMessage) => void>()
  #at: 'waiting' | 'connecting' | 'open' | 'closing' | 'lost' = 'waiting'
  #socket: IStompSocket | undefined
  #version: Version

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** Takes the socket once the caller has returned: one that is open already may answer at once. */
  activate(): void {
    queueMicrotask(() => {
      if (this.#at === 'waiting') this.#connect(this.#options.webSocketFactory())
    })
  }

  /** DISCONNECT, and once its RECEIPT is there the socket is closed; with `force` it is discarded as it is. */
  deactivate(how?: { force: true }): void {
    if (how) {
      this.#end()
      this.#discard()
    } else {
      this.#at = 'closing'
      this.#send('DISCONNECT', { receipt: lastReceipt })
    }
  }

  publish({ destination, headers, body }: { destination: string; headers: Headers; body: string }): void {
    this.#send('SEND', { destination, ...headers }, body)
  }

  /** @param headers `id` among them */
  subscribe(destination: string, onMessage: (message: IMessage) => void, headers: Headers): void {
    this.#subscriptions.set(headers.id, onMessage)
    this.#send('SUBSCRIBE', { ...headers, destination })
  }

  unsubscribe(id: string, headers: Headers): void {
    this.#subscriptions.delete(id)
    this.#send('UNSUBSCRIBE', { ...headers, id })
  }

  begin(transaction: string): void {
    this.#send('BEGIN', { transaction })
  }

  abort(transaction: string): void {
    this.#send('ABORT', { transaction })
  }

  #send(command: string, headers: Headers, body?: string): void {
    this.#socket?.send(writeFrame(this.#version, command, headers, body))
  }

  #connect(socket: IStompSocket): void {
    const { connectHeaders, stompVersions, ...told } = this.#options
    this.#at = 'connecting'
    this.#socket = socket
    const onFrame = (frame: Frame): void => {
      try {
        this.#take(frame)
      } catch (error) {
        console.error(error)
      }
    }
    const read = createReader(() => this.#version, onFrame, told.onHeartbeatReceived)
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data }) => read(data)
    socket.onerror = told.onWebSocketError
    socket.onclose = event => {
      this.#end()
      this.#socket = undefined
      told.onWebSocketClose(event)
    }
    const sayConnect = (): void =>
      this.#send('CONNECT', {
        ...connectHeaders,
        'accept-version': stompVersions.versions.join(),
        'heart-beat': '0,0',
      })
    if (socket.readyState === 1) sayConnect()
    else socket.onopen = sayConnect
  }

  #take(frame: Frame): void {
    const { command, headers } = frame
    if (this.#at === 'lost') return
    if (command === 'CONNECTED' && this.#at === 'connecting') {
      this.#at = 'open'
      this.#version = headers.version
      this.#options.onConnect(frame)
    } else if (command === 'MESSAGE') this.#hand(frame)
    else if (command === 'ERROR') this.#options.onStompError(frame)
    else if (command === 'RECEIPT') {
      if (this.#at === 'closing' && headers['receipt-id'] === lastReceipt) {
        this.#end()
        this.#socket?.close()
      } else this.#options.onUnhandledReceipt(frame)
    }
  }

  #hand(frame: Frame): void {
    const { subscription, ack: ackId, 'message-id': messageId } = frame.headers
    // As it came: what is read may be changed before it is acknowledged.
    const [name, id] = this.#version === '1.2' ? ['id', ackId] : ['message-id', messageId]
    const ack = (added?: Headers): void => {
      if (id !== undefined) this.#send('ACK', { ...added, [name]: id, subscription: subscription! })
    }
    this.#subscriptions.get(subscription)?.({ ...frame, ack })
  }

  /** From here on no frame is told of. */
  #end(): void {
    this.#at = 'lost'
  }

  /** Without the closing handshake, for which a socket that is half open keeps everybody waiting. */
  #discard(): void {
    const socket = this.#socket
    if (socket?.terminate) socket.terminate()
    else if (socket) {
      const { onclose } = socket
      socket.onopen = socket.onmessage = socket.onerror = socket.onclose = () => {}
      socket.close()
      onclose?.({ code: 4001 })
    }
  }
}
