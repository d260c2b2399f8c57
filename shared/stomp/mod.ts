export { type Address, readAddress, withoutPassword, writeAddress } from './address.ts'
export { type Backoff, fullJitterMs } from './backoff.ts'
export { readSession, type SessionDefaults } from './broker-session.ts'
export { callApart, callEach } from './call-listeners.ts'
export { type ConnectOptions, connectStomp } from './connect.ts'
export { type Destinations, destinationsOf, encodeOwner, type Purpose, readDestination } from './destinations.ts'
export {
  artemis,
  classic,
  type Dialect,
  type DialectName,
  dialectOf,
  dialects,
  embedded,
  expiryHeaders,
  prefetchHeaders,
  rabbitmq,
} from './dialects/mod.ts'
export { Largest, mayBeTooLarge } from './frame-limit.ts'
export type { StompSocket } from './link.ts'
export { saysNoRoom } from './refusal.ts'
export type {
  BrokerSession,
  Headers,
  Incoming,
  Outgoing,
  Stomp,
  StompState,
  SubscribeOptions,
  Subscription,
  Transaction,
} from './stomp.ts'
