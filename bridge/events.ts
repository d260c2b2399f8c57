/** The events by which a bridge tells its operator all that browsers are not told, and never a token or a password. */
import type { ErrorCode } from '../shared/contract/errors.ts'

/** An event of one session. */
interface OfSession {
  /** Names the session in each of its events, and in its CONNECTED (`session`). */
  readonly session: string
}

/** An event of one HTTP request. */
interface OfRequest {
  /** Its answer has it as `x-request-id`: that of the proxy, or a new one. */
  readonly http_request_id: string
}

/** The end of a session: by an error of that code, by its own DISCONNECT, or without a word. */
export type SessionEnd = ErrorCode | 'disconnected' | 'gone'

export type BridgeEvent =
  | { readonly type: 'listening'; readonly url: string }
  | ({
      readonly type: 'session_opened'
      readonly owner: string
      readonly address: string
      /** That a proxy gave the request for this WebSocket. */
      readonly http_request_id?: string
      readonly sessions: number
    } & OfSession)
  | ({
      readonly type: 'session_closed'
      /** Absent when it never said who it was. */
      readonly owner?: string
      readonly address: string
      readonly origin?: string
      readonly reason: string
      /** How it came to its end. */
      readonly ended_by: SessionEnd
      /** Of the bridge's close; absent where the other side closed. */
      readonly close_code?: number
      readonly sessions: number
      readonly duration_ms: number
      /** Those of the session. */
      readonly frames_in: number
      readonly bytes_in: number
      /** Those for it. */
      readonly frames_out: number
      readonly bytes_out: number
    } & OfSession)
  /** A frame, a login or a request was refused; the other side was told `message`. */
  | {
      readonly type: 'refused'
      readonly owner?: string
      readonly address: string
      /** The page's, where it was one. */
      readonly origin?: string
      readonly code: ErrorCode
      readonly message: string
      /** Which of the bridge's limits was reached, if one was: by its name in the settings. */
      readonly limit?: string
      /** The full story, where the other side was not told it. */
      readonly detail?: string
      /** Of a frame, or of a login. */
      readonly session?: string
      /** Of a request; its answer has it as `x-request-id`. */
      readonly http_request_id?: string
      /** Where the refused frame was to go, or to read from. */
      readonly destination?: string
      /** Of the refused frame: the job's, where it was about one. */
      readonly task?: string
      readonly request_id?: string
    }
  /**
   * A session sent faster than its owner or address may, and is not read from for `wait_ms`: by the name of the limit in the
   * settings. Told at 1, 2, 4, 8 … of them.
   */
  | ({
      readonly type: 'session_slowed'
      readonly owner: string
      readonly address: string
      readonly origin?: string
      readonly limit: string
      readonly wait_ms: number
      readonly count: number
    } & OfSession)
  /** A session dispatched a job, and the bridge let it through. Told with `audit` alone. */
  | ({
      readonly type: 'job_dispatched'
      readonly owner: string
      readonly address: string
      readonly origin?: string
      readonly task: string
      readonly request_id: string
      readonly destination: string
      /** Whether it is a dead letter that is sent again. */
      readonly is_retry: boolean
    } & OfSession)
  /** An ERROR of the broker, as it was. */
  | ({
      readonly type: 'broker_error'
      readonly owner: string
      readonly message: string
      readonly body: string
    } & OfSession)
  /** The broker could not be reached, or its connection ended with an error. */
  | { readonly type: 'broker_lost'; readonly message: string }
  /** The broker takes logins again, or for the first time after it did not. */
  | { readonly type: 'broker_reached' }
  /** The broker sent headers that this session's version cannot say, or a frame that is none without them; told at 1, 2, 4, 8 … of them. */
  | ({
      readonly type: 'header_left_out'
      readonly owner: string
      readonly headers: readonly string[]
      readonly count: number
    } & OfSession)
  /**
   * A job did not reach this worker, since its drover-pass does not fit, for the reason that stands behind "its drover-pass": it went
   * to the dead queue, or is a broadcast, which was dropped. Told at 1, 2, 4, 8 … of them.
   */
  | ({
      readonly type: 'pass_misfit'
      readonly owner: string
      readonly destination: string
      readonly reason: string
      readonly count: number
    } & OfSession)
  /** The embedded broker dropped messages with `persistent:false` because little room was left; told at 1, 2, 4, 8 … of them. */
  | { readonly type: 'message_dropped'; readonly destination: string; readonly count: number }
  /** It dropped outcomes, or dead letters, since nobody reads there and even the room kept for them was used up; told likewise. */
  | { readonly type: 'end_dropped'; readonly destination: string; readonly count: number }
  /** The embedded broker can keep nothing on its disk now, and refuses persistent messages. It tries again by itself. */
  | { readonly type: 'store_failed'; readonly message: string }
  | { readonly type: 'store_recovered' }
  /** Somebody with the grant `admin` ended tokens before their time; `what` says which, as JSON. */
  | ({ readonly type: 'revoked'; readonly owner: string; readonly address: string; readonly what: string } & OfRequest)
  /** An operator took out or moved the messages that waited in queues of the embedded broker. */
  | ({
      readonly type: 'queue_purged'
      readonly owner: string
      readonly address: string
      readonly queue: string
      readonly messages: number
    } & OfRequest)
  | ({
      readonly type: 'queue_moved'
      readonly owner: string
      readonly address: string
      readonly from: string
      readonly to: string
      readonly messages: number
    } & OfRequest)
  /** Keys of an identity provider could not be read, at first or again; those that were read last stay in force. */
  | { readonly type: 'issuer_keys'; readonly message: string }
  | ({
      readonly type: 'token_given'
      readonly owner: string
      readonly address: string
      readonly by: string
    } & OfRequest)

export type OnEvent = (event: BridgeEvent) => void
