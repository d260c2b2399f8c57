/** The states of a relay. */

import type { ByteLink } from '../../shared/frames/byte-link.ts'
import type { FrameBuffer } from './frame-buffer.ts'
import type { RelaySession } from './relay-session.ts'
import type { GracefulDisconnect } from './takeover.ts'

export type State =
  | { readonly at: 'awaiting_connect' }
  /** Authenticating, or waiting for the broker's CONNECTED. */
  | { readonly at: 'connecting'; readonly waiting: FrameBuffer; readonly gone: AbortController }
  | { readonly at: 'open'; readonly session: RelaySession }
  /** An older session of the same master has to go first. */
  | { readonly at: 'taking_over'; readonly session: RelaySession; readonly waiting: FrameBuffer }
  /** DISCONNECT was passed on: only the broker still has something to say. */
  | { readonly at: 'disconnecting'; readonly session: RelaySession }
  /** Ended for a newer session: frames of the broker go nowhere. */
  | { readonly at: 'replaced'; readonly disconnect: GracefulDisconnect }
  | { readonly at: 'closed' }

/** Bytes that the browser has yet to take, and those of a frame for it that is not complete. */
export const unsentToBrowser = (state: State, link: ByteLink): number =>
  link.unsentBytes + ('session' in state ? state.session.brokerScanner.heldBytes : 0)

/** Bytes that the broker has yet to take. */
export const unsentToBroker = (state: State): number => ('session' in state ? state.session.broker.unsentBytes : 0)

/** Whether there is nobody any more whom the session is for. */
export const isEnding = ({ at }: State): boolean => at === 'closed' || at === 'replaced'

/** Whether later frames of the browser mean anything. */
export const isReading = (state: State): boolean => !isEnding(state) && state.at !== 'disconnecting'
