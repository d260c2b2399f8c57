/** A frame of the browser that may go on, as the relay is to treat it. */
import type { OwnRepliesSubscribe } from './headers/subscribe.ts'
import type { RenewalRequest } from './renewal.ts'

/** The frame for the broker, in parts where it is large, `undefined` for one that the bridge answers, or something to be done first. */
export type Checked = Uint8Array | Uint8Array[] | undefined | OwnRepliesSubscribe | RenewalRequest
