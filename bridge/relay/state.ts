/** The states of a relay. */
import type { BothSides } from './both-sides.ts'
import type { HeldFrames } from './held-frames.ts'
import type { Leaving } from './takeover.ts'

export type State =
  | { readonly at: 'awaiting_connect' }
  /** Authenticating, or waiting for the broker's CONNECTED. */
  | { readonly at: 'connecting'; readonly held: HeldFrames }
  | { readonly at: 'open'; readonly both: BothSides }
  /** An older session of the same master has to go first. */
  | { readonly at: 'taking_over'; readonly both: BothSides; readonly held: HeldFrames }
  /** DISCONNECT was passed on: only the broker still has something to say. */
  | { readonly at: 'disconnecting'; readonly both: BothSides }
  /** Ended for a newer session: what the broker sends goes nowhere. */
  | { readonly at: 'replaced'; readonly leaving: Leaving }
  | { readonly at: 'closed' }

/** Whether what the browser sends is read on. */
export const isReading = ({ at }: State): boolean => at !== 'closed' && at !== 'replaced' && at !== 'disconnecting'
