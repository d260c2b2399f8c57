/** The parts that all connections of a broker share. */
import type { BrokerLimits } from './limits.ts'
import type { Routes } from './routes.ts'
import type { Subscription } from './subscription.ts'
import type { UnfinishedFrames } from './unfinished-frames.ts'

export interface BrokerContext {
  /** Names this run of the broker, or its store. Messages of another run are gone. */
  readonly run: string
  readonly routes: Routes
  readonly limits: BrokerLimits
  readonly now: () => number
  readonly nextMessageId: () => string
  readonly unfinished: UnfinishedFrames
  /** Ends another connection whose durable subscription moves here. */
  readonly takeOver: (subscription: Subscription) => void
}
