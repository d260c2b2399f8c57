/** What leaves on one link: in the words of its STOMP version and of who is there, and with a RECEIPT where one is asked for. */

import { type Dialect, ownHeaders, sendHeaders } from '../dialects/mod.ts'
import { escapeHeaders, unescapeHeaders } from '../session/escape.ts'
import type { Client } from '../session/stompjs.ts'
import type { TcpAck } from '../session/tcp-ack.ts'
import type { Headers, Outgoing } from '../stomp.ts'
import { checkHeaders } from './check-headers.ts'
import type { Largest } from './frame-limit.ts'
import type { Receipts } from './receipts.ts'

export interface FrameWriterPorts {
  readonly client: Pick<Client, 'publish'>
  readonly receipts: Receipts
  /** Over a WebSocket. */
  readonly largest: Largest | undefined
}

export class FrameWriter {
  /** Of STOMP, once CONNECTED has told it. */
  version = '1.2'
  /** Who is there, where no bridge writes for it. */
  dialect: Dialect | undefined
  tcpAck: TcpAck | undefined
  readonly #ports: FrameWriterPorts

  constructor(ports: FrameWriterPorts) {
    this.#ports = ports
  }

  /** @throws {DroverError} `frame_invalid` for headers that this version cannot write */
  check({ destination, headers }: Pick<Outgoing, 'destination' | 'headers'>): void {
    checkHeaders({ destination, ...headers }, this.version)
  }

  /** Headers as stompjs is to write them: outside STOMP 1.2 it escapes nothing. */
  escaped(headers: Headers): Headers {
    return this.version === '1.1' ? escapeHeaders(headers) : headers
  }

  /** Makes of headers that stompjs has read what was meant: outside STOMP 1.2 it leaves them as they came. */
  unescape(headers: Record<string, string>): void {
    if (this.version === '1.1') unescapeHeaders(headers, this.version)
  }

  /** @param added headers that the message itself has not. @throws {DroverError} as `check` */
  send(message: Outgoing, added: Record<string, string>): void {
    const { client, largest } = this.#ports
    const { destination, headers, body } = message
    const { dialect } = this
    const own = dialect === undefined ? headers : { ...ownHeaders(dialect, message), ...sendHeaders(dialect, message) }
    const all = { destination, ...own, ...added }
    checkHeaders(all, this.version)
    this.tcpAck?.said()
    largest?.add(message)
    const written = this.escaped(all)
    client.publish({ destination: written.destination!, headers: written, body })
  }

  /** As `send`. @returns resolves on RECEIPT */
  sendConfirmed(message: Outgoing, added: Record<string, string>): Promise<void> {
    return this.confirmed(message.destination, receipt => this.send(message, { ...added, receipt }))
  }

  /** Sends a frame with a `receipt` header. @returns resolves on its RECEIPT */
  confirmed(destination: string, send: (receipt: string) => void): Promise<void> {
    const { id, received } = this.#ports.receipts.expect(destination)
    this.tcpAck?.said()
    send(id)
    return received
  }
}
