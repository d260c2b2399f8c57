export { type Clock, systemClock } from '../shared/clock.ts'
export {
  type BrokerEvent,
  type BrokerOptions,
  type BrokerStats,
  createEmbeddedBroker,
  type EmbeddedBroker,
  type QueueStats,
  serverVersion,
} from './broker.ts'
export { covers } from './destination.ts'
export { type BrokerLimits, defaultBrokerLimits, type FullPolicy, type StoredLimits, storedLimits } from './limits.ts'
export type { QueueState, WaitingMessage } from './operations/inspection.ts'
export type { Bounds, MoveOptions, Operations } from './operations/operations.ts'
export type { Operated } from './operations/pieces.ts'
export type { Disk } from './store/port.ts'
export { type BrokerUser, defaultUsers } from './users.ts'
