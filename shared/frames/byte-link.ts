/**
 * The byte streams that the bridge stands between: a socket as its two directions, without a runtime's own types.
 *
 * Calls instead of async iterators, because these sit on the path of every frame. Whole frames go in: `send` takes one
 * or more complete frames (or heart-beats) in one piece, so that a link may merge pieces but never has to look for
 * frames itself.
 */

/** A connection, for its holder to act on. */
export interface ByteLink {
  /** Queues the bytes for the peer. They belong to the link from here on: the caller does not change them. */
  send(bytes: Uint8Array): void
  /** Bytes that were given to `send` and that the peer's side has not taken yet. */
  readonly unsentBytes: number
  /** Stops reading, so that the peer's own sends stall; bytes that were already read may still arrive. */
  pause(): void
  resume(): void
  /**
   * Ends the connection after all sent bytes have left. Idempotent.
   * @param code WebSocket close code; other transports ignore it
   * @param reason for people, at most 123 bytes of UTF-8 on a WebSocket
   */
  close(code?: number, reason?: string): void
  /** True where the peer takes exactly one frame a message, so `send` must be called once a frame. */
  readonly oneFrameASend: boolean
  /** IP address of the peer, where it came over a network. */
  readonly address?: string
  /** For whom the peer acts, where its opener in this process says so; no byte that comes over it can change that. */
  readonly owner?: string | undefined
}

/** The holder of a connection, as the connection calls it. Nothing is called after `closed`. */
export interface ByteSink {
  bytes(chunk: Uint8Array): void
  /** `unsentBytes` fell low again after it had been high. */
  drained(): void
  /** The connection is gone, once; with the error that ended it where there was one. */
  closed(reason?: Error): void
}

/** A broker's WebSocket endpoint closed with 1009: over the largest frame that it was sent, if over any. */
export class FrameTooLarge extends Error {
  override name = 'FrameTooLarge'
  readonly bytes: number

  /** @param bytes of that frame */
  constructor(bytes: number) {
    super(`The broker closed the connection (1009) over a frame of ${bytes} bytes`)
    this.bytes = bytes
  }
}

/** A server's side: given a new connection, returns the sink for its bytes. */
export type Accept = (link: ByteLink) => ByteSink

/**
 * A client's side: opens a connection whose bytes go to `sink`, unless `signal` aborts before it is open.
 * @throws {DroverError} `broker_unreachable` when it cannot be opened
 */
export type Connect = (sink: ByteSink, signal?: AbortSignal) => Promise<ByteLink>
