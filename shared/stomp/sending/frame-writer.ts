/** Frames as they leave on one link, in the words of its STOMP version and of its broker. */
import type { Clock } from '../../clock.ts'
import { type Dialect, ownHeaders, sendHeaders } from '../dialects/mod.ts'
import { escapeHeaders, unescapeHeaders } from '../session/escape.ts'
import type { IStompSocket } from '../session/stompjs.ts'
import type { TcpAck } from '../session/tcp-ack.ts'
import type { Headers, Outgoing } from '../stomp.ts'
import { checkHeaders } from './check-headers.ts'
import type { Largest } from './frame-limit.ts'
import { createReceipts, type Receipts } from './receipts.ts'
import { sendFrame } from './send-frame.ts'

export interface FrameWriterPorts {
  readonly socket: Pick<IStompSocket, 'send'>
  /** How long a RECEIPT may take. */
  readonly receiptTimeoutMs: number
  readonly clock: Pick<Clock, 'steady' | 'timer'>
  /** Over a WebSocket. */
  readonly largest: Largest | undefined
}

export class FrameWriter {
  /** Of STOMP, once CONNECTED has told it. */
  version = '1.2'
  /** Of the broker, where no bridge writes for it. */
  dialect: Dialect | undefined
  tcpAck: TcpAck | undefined
  readonly receipts: Receipts
  readonly #ports: FrameWriterPorts

  constructor(ports: FrameWriterPorts) {
    this.#ports = ports
    this.receipts = createReceipts(ports.receiptTimeoutMs, ports.clock)
  }

  /** @throws {DroverError} `frame_invalid` for headers that this version cannot write */
  check({ destination, headers }: Pick<Outgoing, 'destination' | 'headers'>): void {
    checkHeaders({ destination, ...headers }, this.version)
  }

  /** Headers as stompjs is to write them: outside STOMP 1.2 it escapes nothing. */
  escaped(headers: Headers): Headers {
    return this.version === '1.1' ? escapeHeaders(headers) : headers
  }

  /** Unescapes headers that stompjs has read: outside STOMP 1.2 it leaves them as they came. */
  unescape(headers: Record<string, string>): void {
    if (this.version === '1.1') unescapeHeaders(headers, this.version)
  }

  /**
   * @param message was checked
   * @param added headers that it has not itself
   * @returns resolves on RECEIPT
   */
  sendConfirmed(message: Outgoing, added: Record<string, string>): Promise<void> {
    return this.confirmed(message.destination, receipt => this.#send(message, { ...added, receipt }))
  }

  /** As `sendConfirmed`; where a RECEIPT covers the frames before its own, it may be that of a later frame. */
  sendCovered(message: Outgoing): Promise<void> {
    const { id, received } = this.receipts.expectCovered(message.destination)
    this.#send(message, id === undefined ? {} : { receipt: id })
    return received
  }

  /**
   * Sends a frame with a `receipt` header.
   * @param transaction that it ends
   * @returns resolves on its RECEIPT
   */
  confirmed(destination: string, send: (receipt: string) => void, transaction?: string): Promise<void> {
    const { id, received } = this.receipts.expect(destination, transaction)
    this.tcpAck?.said()
    send(id)
    return received
  }

  /** @param message was checked @param added headers that it has not itself */
  sendUnconfirmed(message: Outgoing, added: Record<string, string>): void {
    this.#send(message, added)
    this.receipts.unconfirmed()
  }

  #send(message: Outgoing, added: Record<string, string>): void {
    const { socket, largest } = this.#ports
    const { destination, headers, body } = message
    const { dialect } = this
    const own = dialect === undefined ? headers : { ...ownHeaders(dialect, message), ...sendHeaders(dialect, message) }
    const all = { destination, ...own, ...added }
    this.tcpAck?.said()
    largest?.add(message)
    socket.send(sendFrame(this.escaped(all), body, this.version === '1.2'))
  }
}
