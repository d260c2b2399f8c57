/** A frame of the browser that may go on, as the relay is to treat it. */
import type { RenewalRequest } from './renewal.ts'

/** A SUBSCRIBE to a master's own replies: the session that read them before has to go first. */
interface OwnRepliesSubscribe {
  readonly replyQueue: string
  /** The frame for the broker. */
  readonly bytes: Uint8Array
}

/** The frame for the broker, `undefined` for one that the bridge answers, or something to be done first. */
export type Checked = Uint8Array | undefined | OwnRepliesSubscribe | RenewalRequest
