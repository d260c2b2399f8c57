/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The connection as its users see it: master and worker are written against this, and tests may stand on it too.
 * `connectStomp` (connect.ts) makes one over stompjs.
 */
import type { Grants } from '../contract/grants.ts'
import type { Dialect } from './dialects/mod.ts'

export type Headers = Readonly<Record<string, string>>

/** A session as CONNECTED told it. */
export interface BrokerSession {
  /** Names it in the logs of the other side. */
  readonly id?: string
  readonly dialect: Dialect
  /** Who this side is, encoded: from the bridge, else the login. */
  readonly owner: string
  readonly namespace: string
  /** The rights that the token gives, from a bridge; absent without one. */
  readonly grants?: Grants
  /** Add to this side's steady clock to get the bridge's time, in ms since the epoch. Absent where nobody told that. */
  readonly clockOffsetMs?: number
  /** The largest frame that the other side takes, where it said so. */
  readonly maxFrameBytes?: number
  /** Names the run of a broker that forgets its messages when it ends. Absent where it keeps them, or does not say. */
  readonly run?: string
  /** Abilities of a bridge that older ones lack. Absent where it said nothing. */
  readonly features?: readonly string[]
  /** Whether a bridge stands between this side and the broker. */
  readonly bridged: boolean
}

export type StompState =
  | { readonly at: 'connecting' }
  | { readonly at: 'open'; readonly session: BrokerSession }
  /** Will try again at `retryAt` (ms, this machine's clock); `reason` is for people. */
  | { readonly at: 'waiting'; readonly retryAt: number; readonly reason: Error }
  /** For good: closed by its holder, or refused in a way that trying again does not mend. */
  | { readonly at: 'closed'; readonly reason?: Error }

export interface Outgoing {
  readonly destination: string
  readonly headers?: Headers
  /** Text is sent with a content-length too. */
  readonly body: string
  /** Names it and its copies, of which a broker that can keeps the first; by a bridge it says nothing. */
  readonly once?: string | undefined
}

/** How a message, or a transaction, is to be sent. */
export interface HowSent {
  /** It shares neither transaction nor RECEIPT with others, so that a refusal is surely about this one. Default false. */
  readonly isAlone?: boolean
}

export interface Incoming {
  readonly headers: Headers
  /** Decoded as UTF-8. */
  readonly body: string
  /** The destination it came by. */
  readonly destination: string
  /**
   * Settles it, alone or in a transaction, inside whose `fill` this is called. Meaningless for `auto`; nothing happens
   * when its connection is gone: the broker hands the message out again.
   */
  ack(transaction?: Transaction): void
  /**
   * There where the broker may have given this subscription more than it may hand out while it has this message: asks for one of
   * those. Changes nothing else. Harmless, but it may bring one more that would have been another reader's.
   */
  readonly askForMore?: () => void
}

export interface SubscribeOptions {
  /** Several, where the dialect's `composite` says how, are read as one. */
  readonly destination: string
  /** Default `client-individual`. With `client` an ACK is also one of all messages of the subscription before its own. */
  readonly ack?: 'auto' | 'client' | 'client-individual'
  /** Called at each connect, since the dialect may differ: headers such as prefetch. */
  readonly headers?: (session: BrokerSession) => Headers
  /**
   * Called when a later connect is refused the subscription that an earlier one was granted, or `headers` throws there: it is
   * over then, as after `unsubscribe`.
   */
  readonly onRefused?: (error: Error) => void
}

export interface Subscription {
  /**
   * Resolves when the broker has confirmed the subscription for the first time. Rejects when it is refused (`forbidden`,
   * or `broker_error` for another reason), and then it is not tried again; with `closed` when it ends before that.
   * Never unhandled.
   */
  readonly ready: Promise<void>
  /**
   * Resolves on the RECEIPT of UNSUBSCRIBE, or when the connection is gone. Settle its messages first: an ack that
   * comes later is honoured by one broker, ignored by another (which hands the message out again) and ends the
   * connection on a third.
   */
  unsubscribe(): Promise<void>
}

/** Sends and acks that take place together or not at all. Made by `Stomp.transaction`. */
export interface Transaction {
  publish(message: Outgoing): void
}

/** How large a frame the other side takes, as far as that is known. */
export interface KnownFrameLimit {
  /** The largest frame to send; absent where nothing is known. */
  readonly maxFrameBytes: number | undefined
  /** The reason why the other side takes no more, and the remedy; empty where it only said how much it takes. */
  readonly why: string
  /** Sessions ended each time that these were sent, and once they were smaller they arrived. */
  outgrownBy(messages: readonly Outgoing[], why: string): void
}

/** One connection that keeps itself up: new token, back-off, and every subscription again, at each connect. */
export interface Stomp extends AsyncDisposable {
  readonly state: StompState
  /** The largest frame that a WebSocket's other side takes, as far as it is known now; absent over TCP. */
  readonly frameLimit?: KnownFrameLimit | undefined
  /** Called at each change of `state`, not for the present one. Returns how to stop. */
  onState(listener: (state: StompState) => void): () => void
  /** The session, once there is one: waits for the next `open`. Rejects when the connection closes for good. */
  opened(signal?: AbortSignal): Promise<BrokerSession>
  /**
   * Sends a message.
   * @returns resolves on its RECEIPT
   * @throws {DroverError} `connection_lost` when there is no connection, or it goes before the RECEIPT (the message may
   * or may not have arrived), `timed_out` when no RECEIPT comes, `forbidden` or `broker_error` on ERROR,
   * `frame_too_large` before sending when the other side said, or was seen, not to take as much
   */
  publish(message: Outgoing, how?: HowSent): Promise<void>
  /**
   * Sends without asking for a RECEIPT, for messages that may be lost. Does nothing while there is no connection.
   * @throws {DroverError} `frame_too_large`, `frame_invalid` as `publish`
   */
  publishUnconfirmed(message: Outgoing): void
  /**
   * Subscribes now and at every later connect, before `state` says `open`, so a message that is published on `open`
   * leaves after it. `onMessage` is called in order, and again for redelivered messages; it must not throw.
   */
  subscribe(options: SubscribeOptions, onMessage: (message: Incoming) => void): Subscription
  /**
   * Sends all that `fill` puts into it as one transaction. An empty one is a fence: it is confirmed after all before it.
   * @returns resolves on the RECEIPT of COMMIT
   * @throws as `publish`, and the errors of `fill`; nothing took place then, unless the connection went, or time was
   * up, between COMMIT and its RECEIPT. Where time is up a new connection follows, so that the broker hands out again the
   * messages that were to be acked
   */
  transaction(fill: (transaction: Transaction) => void, how?: HowSent): Promise<void>
  /**
   * Ends it with a DISCONNECT whose RECEIPT is waited for, at most as long as for any other: all that was sent before has
   * arrived then. Nothing is published or acked once this was called. Idempotent.
   */
  close(): Promise<void>
}
