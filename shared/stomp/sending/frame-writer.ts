/** Frames as they leave on one link, in the words of its STOMP version and of its broker, and the RECEIPTs that they wait for. */

import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { type Dialect, ownHeaders, sendHeaders } from '../dialects/mod.ts'
import { escapeHeaders, unescapeHeaders } from '../session/escape.ts'
import { lateTimer } from '../session/late-timer.ts'
import type { Client } from '../session/stompjs.ts'
import type { TcpAck } from '../session/tcp-ack.ts'
import type { Headers, Outgoing } from '../stomp.ts'
import { checkHeaders } from './check-headers.ts'
import type { Largest } from './frame-limit.ts'

export interface FrameWriterPorts {
  readonly client: Pick<Client, 'publish'>
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
   * @param added headers that the message itself has not
   * @returns resolves on RECEIPT
   * @throws {DroverError} as `check`
   */
  sendConfirmed(message: Outgoing, added: Record<string, string>): Promise<void> {
    return this.confirmed(message.destination, receipt => this.#send(message, { ...added, receipt }))
  }

  /** Sends a frame with a `receipt` header. @returns resolves on its RECEIPT */
  confirmed(destination: string, send: (receipt: string) => void): Promise<void> {
    const { id, received } = this.receipts.expect(destination)
    this.tcpAck?.said()
    send(id)
    return received
  }

  /** @throws {DroverError} as `check` */
  sendUnconfirmed(message: Outgoing): void {
    this.#send(message, {})
    this.receipts.unconfirmed()
  }

  #send(message: Outgoing, added: Record<string, string>): void {
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
}

/**
 * The frames that wait for a RECEIPT on one connection.
 *
 * An ERROR names the frame by `receipt-id` where the other side is careful; one broker never does. Then it is about the
 * only frame that can be meant, or about the frames for the destination that its text names.
 */
export interface Receipts {
  /**
   * A frame that asks for a RECEIPT is about to leave.
   * @param destination of the frame, for errors
   * @returns its `receipt` header in `id`; `received` rejects with a DroverError on ERROR, time-out or loss
   */
  expect(destination: string): { readonly id: string; readonly received: Promise<void> }
  /** A frame that asks for none has left: an ERROR without `receipt-id` may be about that one. */
  unconfirmed(): void
  /** RECEIPT has come; an unknown id is ignored. */
  received(id: string): void
  /** ERROR has come. Rejects the frames that it is about, and none when these cannot be told. */
  refused(error: DroverError, id: string | undefined): void
  /** The connection is gone: rejects all that waits. */
  lost(reason: Error): void
}

interface Pending {
  readonly destination: string
  readonly order: number
  /** Ends the wait for it. */
  readonly stop: () => void
  resolve(): void
  reject(error: Error): void
}

/** @param timeoutMs how long a RECEIPT may take */
export function createReceipts(timeoutMs: number, clock: Pick<Clock, 'steady' | 'timer'>): Receipts {
  const pending = new Map<string, Pending>()
  let sent = 0
  let lastUnconfirmed = 0

  const take = (id: string): Pending | undefined => {
    const found = pending.get(id)
    pending.delete(id)
    found?.stop()
    return found
  }

  /** The ids that an ERROR without `receipt-id` is about. */
  const meantBy = (text: string): string[] => {
    const all = [...pending]
    if (all.length === 1 && lastUnconfirmed === 0) return all.map(([id]) => id)
    const words = new Set(text.split(/[^\w.*>#-]+/).map(word => word.replace(/\.+$/, '')))
    return all.filter(([, { destination }]) => words.has(bareName(destination))).map(([id]) => id)
  }

  return {
    expect(destination) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      promise.catch(() => {}) // those that await it hear of it; for a frame that was never sent nobody does
      const id = `r-${++sent}`
      const stop = lateTimer(timeoutMs, clock, () => {
        pending.delete(id)
        const message = `No RECEIPT for ${destination} within ${timeoutMs} ms; whether it took place is unknown`
        reject(new DroverError('timed_out', message))
      })
      pending.set(id, { destination, order: sent, stop, resolve, reject })
      return { id, received: promise }
    },
    unconfirmed() {
      lastUnconfirmed = ++sent
    },
    received(id) {
      const found = take(id)
      // Frames are handled in order: those before this one have gone well.
      if (found && found.order > lastUnconfirmed) lastUnconfirmed = 0
      found?.resolve()
    },
    refused(error, id) {
      for (const meant of id === undefined ? meantBy(error.message) : [id]) take(meant)?.reject(error)
    },
    lost(reason) {
      for (const [id, { destination }] of [...pending]) {
        const message = `The connection went before the RECEIPT for ${destination}: ${reason.message}`
        take(id)?.reject(new DroverError('connection_lost', message, { cause: reason }))
      }
    },
  }
}

/** `myapp.reply` of `/queue/myapp.reply`: how errors name a destination. */
function bareName(destination: string): string {
  return destination.slice(destination.lastIndexOf('/') + 1)
}
