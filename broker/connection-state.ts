/** The options of a connection, and the states that it is in. */
import type { Clock } from '../shared/clock.ts'
import type { ScannedFrame } from '../shared/frames/mod.ts'
import type { BrokerContext } from './broker-context.ts'
import type { FullPolicy } from './limits.ts'
import type { Session } from './session.ts'
import type { BrokerUser, LoginAttempts } from './users.ts'

export interface ConnectionOptions {
  readonly context: BrokerContext
  readonly clock: Clock
  readonly users: readonly BrokerUser[]
  readonly attempts: LoginAttempts | undefined
  readonly policy: FullPolicy
  readonly id: string
  readonly server: string
  /** Makes the names of temporary queues unguessable. */
  readonly token: string
  readonly onOpen: () => void
  /** Called once. */
  readonly onEnd: (error: Error | undefined) => void
}

export type ConnectionState =
  | { readonly at: 'awaiting_connect' }
  | { readonly at: 'open'; readonly session: Session }
  | {
      readonly at: 'waiting_for_room'
      readonly session: Session
      /** The frame that did not fit, and those behind it. */
      readonly frames: ScannedFrame[]
      readonly stopWaiting: () => void
    }
  | { readonly at: 'closed' }
