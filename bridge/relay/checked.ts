/** The outcome of the check of a browser's frame. */
import type { RenewalRequest } from './renewal.ts'

/** A SUBSCRIBE to a master's own replies: the session that read them before has to go first. */
export interface OwnRepliesSubscribe {
  readonly replyQueue: string
  /** The frame for the broker. */
  readonly bytes: Uint8Array
}

/** For the broker, where it is large in parts; or for the bridge first. */
export type Checked = Uint8Array | Uint8Array[] | OwnRepliesSubscribe | RenewalRequest
