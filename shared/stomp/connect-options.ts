/** The options of a connection. */
import type { Clock } from '../clock.ts'
import type { Dialect } from './dialects/mod.ts'
import type { Backoff } from './reconnecting/backoff.ts'
import type { StompSocket } from './session/link.ts'

export interface ConnectOptions {
  /** `ws:`, `wss:`, `stomp:` or `stomp+ssl:`. Its userinfo, decoded, is login and passcode where options give none. */
  readonly url: string | URL
  /**
   * Called at every connect; sent as `passcode`. When it fails, so does that try. Called again before a token ends that says when
   * (`exp` of a JWT), where a bridge lets a session go on with a new one.
   */
  readonly token?: (() => string | Promise<string>) | undefined
  readonly login?: string | undefined
  readonly passcode?: string | undefined
  /** Of the destinations; that of a bridge's CONNECTED wins. Default `myapp`. */
  readonly namespace?: string | undefined
  /** Default: as CONNECTED tells. */
  readonly dialect?: Dialect | undefined
  /** `client-id` of CONNECT, which durable subscriptions need on some brokers. */
  readonly clientId?: string | undefined
  /** `host` of CONNECT, the virtual host. Default: that of `url` (`stomp://host/team`), else `/`. */
  readonly host?: string | undefined
  /** Opens the socket. Default: the global WebSocket, for `ws:` and `wss:` alone. */
  readonly createSocket?: ((url: URL) => StompSocket) | undefined
  /** Asked of both sides; 0 for none. Default 10 000. */
  readonly heartbeatMs?: number | undefined
  /** From the start of a try to CONNECTED, and how long `token` may take before it. Default 10 000. */
  readonly connectTimeoutMs?: number | undefined
  /** Default 15 000. */
  readonly receiptTimeoutMs?: number | undefined
  readonly backoff?: Backoff | undefined
  /**
   * Whether a wait ends early when the page or this machine wakes, or is online again: for programs that a person looks at.
   * Default false: many workers would come back in one instant.
   */
  readonly wakes?: boolean | undefined
  /** From 0 up to, not including, 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Default: the system's. */
  readonly clock?: Clock | undefined
}
