/** A frame of the browser that may go on, as the relay is to treat it. */
import type { OwnRepliesSubscribe } from './headers/subscribe.ts'
import type { Written } from './headers/write-send.ts'
import type { RenewalRequest } from './renewal.ts'

/** The frame for the broker, `undefined` for one that the bridge answers, or something to be done first. */
export type Checked = Written | undefined | OwnRepliesSubscribe | RenewalRequest
