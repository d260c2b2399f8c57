/**
 * One STOMP session on one socket, from CONNECT until it is gone, over stompjs. Its own reconnecting is off: a link is
 * never opened again.
 *
 * Traits of stompjs 7.5 that show here: outside STOMP 1.2 it escapes nothing, so for 1.1 that is done here, and characters that
 * a version cannot write are refused; it does not send `host`; a factory that throws is an unhandled rejection, so the socket
 * is made by the caller; it trims header values that it reads; it logs and forgets an error of a message callback.
 */

import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import type { Dialect } from '../dialects/mod.ts'
import { unreachable } from '../errors/connection-errors.ts'
import { readError } from '../errors/refusal.ts'
import { Largest, tookOf, tooLarge, tooLargeCode } from '../sending/frame-limit.ts'
import { FrameWriter } from '../sending/frame-writer.ts'
import { createSender, type Sender } from '../sending/sender.ts'
import type { Headers } from '../stomp.ts'
import { unanswered, watchFirstSend } from './first-send.ts'
import { agreedMs, createBeatBack, fellSilent, startBeats, watchSilence } from './heart-beats.ts'
import { Client, type IMessage, type IStompSocket, Versions } from './stompjs.ts'
import { createTcpAck } from './tcp-ack.ts'

/** A socket as stompjs takes it: a WebSocket, or a TCP socket in its clothes. */
export type StompSocket = IStompSocket

/** How long a socket that has failed may take to say that it is closed. */
const closeAfterErrorMs = 2_000

/** ERRORs of a bridge that end a session because of its token or its speed, and are about none of its frames. */
const ofNoFrame = /^(not_authenticated|slow_reader|too_many_messages)$/

export interface LinkOptions {
  readonly socket: StompSocket
  /** Of CONNECT. */
  readonly headers: Record<string, string>
  /** Of STOMP, that CONNECT accepts. */
  readonly versions: readonly string[]
  readonly heartbeatMs: number
  readonly connectTimeoutMs: number
  readonly receiptTimeoutMs: number
  readonly clock: Clock
  /** Names the other side in errors, without credentials. */
  readonly address: string
  /** CONNECTED has come. */
  connected(headers: Headers): void
  /** ERROR has come after CONNECTED, and the frames that it is about were rejected. */
  refused(error: DroverError): void
  /** It ends over a message of ours that was this large, in bytes. Called before `lost`. */
  outgrown(bytes: number, why: string): void
  /**
   * It could not be opened, or is gone: once, after everything that waited was rejected.
   * @param refusedBy the side that took the connection and did not answer CONNECT with CONNECTED
   */
  lost(reason: DroverError, refusedBy?: 'broker' | 'drover'): void
}

export interface Link {
  /** Whether frames can be sent: CONNECTED has come, and neither DISCONNECT nor the end. */
  readonly isOpen: boolean
  readonly sender: Sender
  /**
   * @param headers `id` and `ack` among them
   * @returns resolves on RECEIPT
   */
  subscribe(destination: string, headers: Record<string, string>, onMessage: (message: IMessage) => void): Promise<void>
  unsubscribe(id: string, destination: string): Promise<void>
  /** @param message of this link; `headers` are added to the ACK */
  ack(message: IMessage, headers?: Record<string, string>): void
  /** CONNECTED told which broker is there. To be called before anything is sent. */
  speak(dialect: Dialect, isBridged: boolean): void
  /** DISCONNECT, its RECEIPT or `receiptTimeoutMs`, and the end. */
  disconnect(): Promise<void>
  /** Ends it at once. */
  drop(reason: DroverError): void
}

/** Starts to open a link; `connected` or `lost` tell how it went. */
export function openLink(options: LinkOptions): Link {
  const { socket, heartbeatMs, address, clock } = options
  let at: 'connecting' | 'open' | 'closing' | 'lost' = 'connecting'
  const beatBack = createBeatBack({ socket, heartbeatMs, clock })
  /** Ends all that goes on until the end. */
  const stops: (() => void)[] = []
  /** Why it will have gone, when that is known before it goes. */
  let cause: DroverError | undefined
  /** The error of the socket. */
  let failure: DroverError | undefined
  /** Over a WebSocket. */
  const largest = address.startsWith('ws') ? new Largest() : undefined
  const gone = Promise.withResolvers<void>()
  const hasAsked = watchFirstSend(socket, heartbeatMs)

  const client = new Client({
    webSocketFactory: () => socket,
    connectHeaders: options.headers,
    stompVersions: new Versions([...options.versions]),
    reconnectDelay: 0,
    heartbeatIncoming: 0, // its timers go by the wall clock: heart-beats.ts has them
    heartbeatOutgoing: 0,
    discardWebsocketOnCommFailure: true, // a half-open socket would keep us for as long as its closing handshake takes
    onConnect: frame => {
      if (at !== 'connecting') return
      at = 'open'
      stopTimer()
      writer.version = frame.headers.version ?? '1.0'
      const [theirs, ours] = (frame.headers['heart-beat'] ?? '').split(',')
      const intervalMs = agreedMs(heartbeatMs, theirs, writer.version)
      const onSilent = (): void => lost(fellSilent(address, intervalMs))
      stops.push(
        watchSilence({ socket, intervalMs, clock, onSilent }),
        startBeats({ socket, intervalMs: agreedMs(heartbeatMs, ours, writer.version), clock }),
      )
      options.connected(frame.headers)
    },
    onUnhandledReceipt: ({ headers }) => {
      writer.tcpAck?.heard()
      writer.unescape(headers)
      const { 'receipt-id': id = '', 'drover-code': code } = headers
      if (code === undefined) receipts.received(id)
      else receipts.refused(readError({ headers, body: '' }, true), id)
    },
    onStompError: frame => {
      writer.unescape(frame.headers)
      const error = readError(frame, at !== 'connecting')
      cause = error
      const took = tookOf(error, frame.headers)
      if (took) options.outgrown(Math.min(took + 1, largest?.bytes || took), error.message)
      if (at === 'connecting') return lost(error, frame.headers['drover-code'] === undefined ? 'broker' : 'drover')
      if (!ofNoFrame.test(error.code)) receipts.refused(error, frame.headers['receipt-id'], frame.headers.transaction)
      options.refused(error)
    },
    onDisconnect: () => receipts.allReceived(),
    onHeartbeatReceived: () => {
      if (at === 'open') beatBack()
    },
    onWebSocketError: event => {
      // Its close may say more; some WebSockets send none after an error
      failure ??= unreachable(address, event?.error ?? event?.message, event)
      if (socket.readyState !== 1) clock.timer(closeAfterErrorMs, () => lost(cause ?? silent('it failed') ?? failure!))
    },
    onWebSocketClose: event => {
      const how = [event?.code, event?.reason].filter(Boolean).join(' ')
      const found = `${address} closed the connection${how && ` (${how})`}`
      if (!cause && event?.code === tooLargeCode && largest && largest.bytes > 0) {
        const { error, why } = tooLarge(largest, address, writer.dialect?.frameSetting)
        cause = error
        options.outgrown(largest.bytes, why)
      }
      cause ??= silent(`it closed the connection${how && `, ${how}`}`) ?? failure
      if (at === 'connecting') lost(cause ?? unreachable(address, found), hasAsked() ? 'broker' : undefined)
      else lost(cause ?? new DroverError('connection_lost', found))
    },
  })

  /** Where CONNECT has left and nothing came; a WebSocket's own words for it say less. */
  const silent = (how: string): DroverError | undefined =>
    (largest || !failure) && at === 'connecting' && hasAsked() ? unanswered(address, how) : undefined

  const lost = (reason: DroverError, refusedBy?: 'broker' | 'drover'): void => {
    if (at === 'lost') return
    at = 'lost'
    stopTimer()
    writer.tcpAck?.stop()
    for (const stop of stops) stop()
    void client.deactivate({ force: true })
    if (socket.readyState < 2) socket.close() // stompjs had not taken it yet
    receipts.lost(reason)
    gone.resolve()
    options.lost(reason, refusedBy)
  }

  const leave = (reason: DroverError): void => {
    if (at !== 'open') return
    at = 'closing'
    cause = reason
    void client.deactivate()
  }

  const stopTimer = clock.timer(options.connectTimeoutMs, () => {
    const message = `${address} did not answer CONNECT within ${options.connectTimeoutMs} ms`
    lost(new DroverError('broker_unreachable', message))
  })
  const writer = new FrameWriter({ socket, receiptTimeoutMs: options.receiptTimeoutMs, clock, largest })
  const { receipts } = writer
  client.activate()

  const sender = createSender({ client, socket, address, writer, isOpen: () => at === 'open', lost })

  return {
    get isOpen() {
      return at === 'open'
    },
    sender,
    async subscribe(destination, headers, onMessage) {
      writer.check({ destination, headers })
      const heard = (message: IMessage): void => {
        writer.tcpAck?.heard()
        writer.unescape(message.headers) // its ACK names it as it came, which stompjs has kept
        onMessage(message)
      }
      const { destination: to, ...others } = writer.escaped({ destination, ...headers })
      await writer.confirmed(destination, receipt => client.subscribe(to!, heard, { ...others, receipt }))
    },
    async unsubscribe(id, destination) {
      await writer.confirmed(destination, receipt => client.unsubscribe(writer.escaped({ id }).id!, { receipt }))
    },
    ack(message, headers = {}) {
      writer.tcpAck?.said()
      message.ack(headers)
      if (!('receipt' in headers)) receipts.unconfirmed()
    },
    speak(spoken, isBridged) {
      sender.speak(spoken, isBridged)
      if (!isBridged) writer.dialect = spoken
      if (spoken.holdsSmallWrites && (isBridged || address.startsWith('stomp:'))) {
        writer.tcpAck = createTcpAck(clock, () => at === 'open' && socket.send('\n'))
      }
    },
    async disconnect() {
      const closed = new DroverError('closed', 'The connection was closed by this side')
      if (at === 'open') {
        const stop = clock.timer(options.receiptTimeoutMs, () => lost(closed))
        const idle = sender.idle()
        if (idle) await idle // SENDs that wait leave before this
        leave(closed)
        await gone.promise
        stop()
      }
      lost(closed)
    },
    drop: reason => lost(reason),
  }
}
