/**
 * A WebSocket of `ws` as a byte link. It is one object, and all connections share its listeners: thousands of them stand still,
 * and each closure of theirs would take memory.
 */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { type ByteLink, type ByteSink, FrameTooLarge } from '../../shared/frames/byte-link.ts'
import type { BrowserLink } from '../relay/browser-side.ts'
import { closeCodes } from '../relay/close-codes.ts'
import { countRead } from './read-buffers.ts'

const linkKey = Symbol('link')
type Linked<Emitter, Link = WebSocketLink> = Emitter & { [linkKey]?: Link }

const asBinary = { binary: true, compress: false }
const asFragment = { ...asBinary, fin: false }
const asText = { binary: false, compress: false }

abstract class WebSocketLink implements ByteLink {
  abstract readonly oneFrameASend: boolean
  protected readonly opened: WebSocket
  protected readonly socket: Duplex
  #sink: ByteSink | undefined
  #failure: Error | undefined

  constructor(opened: WebSocket, socket: Duplex) {
    this.opened = opened
    this.socket = socket
  }

  get unsentBytes(): number {
    return this.socket.writableLength
  }

  send(bytes: Uint8Array): void {
    const { opened } = this
    if (opened.readyState === opened.OPEN) opened.send(bytes, this.oneFrameASend ? asText : asBinary)
  }

  pause(): void {
    this.opened.pause()
  }

  resume(): void {
    this.opened.resume()
  }

  close(code: number = closeCodes.normal, reason: string = ''): void {
    // The peer's answer to the close has to be read
    this.opened.resume()
    this.opened.close(code, reason)
  }

  /** Hands over the messages that come from now on. */
  listen(sink: ByteSink): void {
    this.#sink = sink
    const { opened, socket } = this
    link(opened, this).on('message', onMessage).on('error', onError).on('close', onClose)
    link(socket, this).on('drain', onDrain)
  }

  message(data: RawData): void {
    countRead(data as Buffer)
    this.ended()
    this.#sink!.bytes(data as Buffer)
  }

  failed(error: Error): void {
    this.#failure = error
  }

  closed(code: number): void {
    this.#sink!.closed(this.reasonOf(code) ?? this.#failure)
  }

  drained(): void {
    this.#sink!.drained()
  }

  /** Told of each message, ping and pong, ahead of its content. */
  ended(): void {}

  /** The reason of an end that a close code tells. */
  protected reasonOf(_code: number): Error | undefined {
    return undefined
  }
}

/** A browser's. */
export class BrowserSocketLink extends WebSocketLink implements BrowserLink {
  readonly oneFrameASend = false
  readonly #tcp: Socket
  // Of a message nothing is seen until its end. The rest of a chunk may be the next one's, but a chunk is small
  #readUntilEnd = 0
  #untilAdmitted: number

  /** @param untilAdmitted bytes that may come until the session is known, in messages of any size */
  constructor(opened: WebSocket, socket: Socket, untilAdmitted: number) {
    super(opened, socket)
    this.#tcp = socket
    this.#untilAdmitted = untilAdmitted
  }

  get unfinishedBytes(): number {
    return this.#tcp.bytesRead - this.#readUntilEnd
  }

  override listen(sink: ByteSink): void {
    super.listen(sink)
    this.opened.on('ping', onEnd).on('pong', onEnd)
    this.#tcp.on('data', onBytes)
  }

  admitted(): void {
    this.#tcp.off('data', onBytes)
  }

  sendParts(parts: readonly Uint8Array[]): void {
    const { opened, socket } = this
    if (opened.readyState !== opened.OPEN) return
    // One system call for all
    socket.cork()
    for (const [at, part] of parts.entries()) opened.send(part, at === parts.length - 1 ? asBinary : asFragment)
    socket.uncork()
  }

  ping(): void {
    const { opened } = this
    if (opened.readyState === opened.OPEN) opened.ping()
  }

  override ended(): void {
    this.#readUntilEnd = this.#tcp.bytesRead
  }

  /** Bytes came before it is known whose session it is. */
  counted(bytes: number): void {
    this.#untilAdmitted -= bytes
    if (this.#untilAdmitted < 0) this.opened.terminate()
  }
}

/** The bridge's own to a broker, which takes one frame a message, as text. */
export class BrokerSocketLink extends WebSocketLink {
  readonly oneFrameASend = true
  #largest = 0

  override send(frame: Uint8Array): void {
    this.#largest = Math.max(this.#largest, frame.length)
    super.send(frame)
  }

  protected override reasonOf(code: number): Error | undefined {
    return code === closeCodes.tooLarge ? new FrameTooLarge(this.#largest) : undefined
  }
}

function link<Emitter extends WebSocket | Duplex>(emitter: Linked<Emitter>, to: WebSocketLink): Emitter {
  emitter[linkKey] = to
  return emitter
}

function onMessage(this: Linked<WebSocket>, data: RawData): void {
  this[linkKey]!.message(data)
}

function onEnd(this: Linked<WebSocket>): void {
  this[linkKey]!.ended()
}

function onError(this: Linked<WebSocket>, error: Error): void {
  this[linkKey]!.failed(error)
}

function onClose(this: Linked<WebSocket>, code: number): void {
  this[linkKey]!.closed(code)
}

function onDrain(this: Linked<Duplex>): void {
  this[linkKey]!.drained()
}

function onBytes(this: Linked<Socket, BrowserSocketLink>, chunk: Buffer): void {
  this[linkKey]!.counted(chunk.length)
}
