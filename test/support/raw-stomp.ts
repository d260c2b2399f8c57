/**
 * A STOMP connection with nothing on top: a test says each frame that goes out and waits for those that come in. It stands
 * on the project's own codec and on no STOMP library, so that it can also say things that no library would.
 */
import { encodeFrame, FrameScanner, type StompVersion, unescapeHeader } from '../../shared/frames/mod.ts'
import { Inbox, type Received, type Wanted } from './inbox.ts'
import { openTcp, openWebSocket, type RawSocket } from './raw-socket.ts'

export type Headers = Readonly<Record<string, string | number>>

export interface RawStompOptions {
  /** How long a wait lasts before it fails with the frames seen so far; default 10 s. */
  timeoutMs?: number
  /** How much the other side may send at most; default 64 MiB of body. */
  maxBodyBytes?: number
}

/** Disposing closes the socket without DISCONNECT, as a process that dies does. */
export class RawStomp implements AsyncDisposable {
  /** How header text is escaped both ways; CONNECTED sets it. */
  version: StompVersion = '1.2'
  readonly inbox: Inbox
  readonly #socket: RawSocket
  readonly #scanner: FrameScanner
  #receipts = 0

  constructor(open: (onBytes: (bytes: Uint8Array) => void) => RawSocket, options: RawStompOptions) {
    const { timeoutMs = 10_000, maxBodyBytes = 64 * 1024 * 1024 } = options
    this.#scanner = new FrameScanner({ maxHeaders: 1_000, maxHeaderBytes: 1024 * 1024, maxBodyBytes })
    this.inbox = new Inbox(timeoutMs)
    this.#socket = open(bytes => this.#read(bytes))
    void this.#socket.closed.then(how => this.inbox.close(how))
  }

  /** Line ends seen between frames: heart-beats, and those that brokers put behind each NUL. */
  get heartBeats(): number {
    return this.#scanner.heartBeats
  }

  /**
   * Sends one frame; headers are escaped by the version in force, content-length is added.
   * @param body bytes as they are, text as UTF-8
   */
  send(command: string, headers: Headers = {}, body?: string | Uint8Array): void {
    const lines = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
    this.sendBytes(encodeFrame(command, lines, body, this.version))
  }

  /** Sends bytes as they are, such as a frame that the codec would refuse to write, or `\n`. */
  sendBytes(bytes: string | Uint8Array): void {
    this.#socket.send(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes)
  }

  /** Sends a frame and waits for its RECEIPT. */
  async confirmed(command: string, headers: Headers = {}, body?: string | Uint8Array): Promise<Received> {
    const receipt = `r${++this.#receipts}`
    this.send(command, { ...headers, receipt }, body)
    return await this.next({ command: 'RECEIPT', headers: { 'receipt-id': receipt } })
  }

  /** SUBSCRIBE, confirmed; `id` is the destination unless the headers say another. */
  async subscribe(destination: string, headers: Headers = {}): Promise<void> {
    await this.confirmed('SUBSCRIBE', { destination, id: destination, ...headers })
  }

  /** Acknowledges a MESSAGE, by the version in force. */
  ack(message: Received, headers: Headers = {}): void {
    this.send('ACK', { ...this.#ackHeaders(message), ...headers })
  }

  nack(message: Received, headers: Headers = {}): void {
    this.send('NACK', { ...this.#ackHeaders(message), ...headers })
  }

  /**
   * Takes the first frame that fits out of the inbox, waiting for it if need be.
   * @throws {Error} with everything seen, when it does not come in time, the connection closes, or an ERROR comes instead
   */
  next(wanted: Wanted = 'MESSAGE'): Promise<Received> {
    return this.inbox.next(wanted)
  }

  /** Waits until the other side has closed the connection. */
  async expectClosed(): Promise<void> {
    await this.inbox.closed()
  }

  /** True until the connection is closed, as far as this side knows. */
  get isOpen(): boolean {
    return this.inbox.isOpen
  }

  /** Stops reading, so that the other side's sends stall. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** DISCONNECT with a receipt, then waits for it. */
  async disconnect(): Promise<void> {
    await this.confirmed('DISCONNECT')
  }

  /** Ends the connection at once, as a process that dies does, and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await this.#socket.closed
  }

  #read(bytes: Uint8Array): void {
    for (const frame of this.#scanner.push(bytes)) {
      const headers: Record<string, string> = {}
      const version = frame.command === 'CONNECTED' ? '1.0' : this.version
      for (const [name, value] of frame.headers())
        headers[unescapeHeader(name, version)] ??= unescapeHeader(value, version)
      const body = frame.body.slice()
      if (frame.command === 'CONNECTED') this.version = (headers.version ?? '1.0') as StompVersion
      this.inbox.put({ command: frame.command, headers, bytes: body, body: new TextDecoder().decode(body) })
    }
  }

  #ackHeaders({ headers }: Received): Record<string, string> {
    if (this.version === '1.2') return { id: headers.ack ?? '' }
    return { subscription: headers.subscription ?? '', 'message-id': headers['message-id'] ?? '' }
  }
}

/**
 * Opens a connection and sends nothing on it.
 * @param url `stomp://` or `ws://`
 */
export async function openRaw(url: string, options: RawStompOptions = {}): Promise<RawStomp> {
  const { protocol } = new URL(url)
  const open = protocol.startsWith('ws') ? await openWebSocket(url) : await openTcp(url)
  return new RawStomp(open, options)
}

/**
 * Opens a connection and logs in with the URL's login and passcode.
 * @param headers of CONNECT, over the usual ones; an empty text leaves one out
 * @example
 * ```ts ignore
 * await using stomp = await connectRaw(stompUrl)
 * await stomp.subscribe('/queue/myapp.a')
 * stomp.send('SEND', { destination: '/queue/myapp.a' }, 'hello')
 * expect((await stomp.next()).body).toBe('hello')
 * ```
 */
export async function connectRaw(url: string, headers: Headers = {}, options: RawStompOptions = {}): Promise<RawStomp> {
  const { username, password } = new URL(url)
  const stomp = await openRaw(url, options)
  const all = {
    'accept-version': '1.2',
    host: '/',
    login: username,
    passcode: password,
    'heart-beat': '0,0',
    ...headers,
  }
  stomp.send('CONNECT', Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')))
  try {
    await stomp.next('CONNECTED')
  } catch (error) {
    await stomp[Symbol.asyncDispose]()
    throw error
  }
  return stomp
}
