export { callApart, callEach } from '../call-listeners.ts'
export { connectStomp } from './connect.ts'
export type { ConnectOptions } from './connect-options.ts'
export {
  type Destinations,
  destinationsOf,
  encodeOwner,
  isQueueName,
  type Purpose,
  readDestination,
} from './destinations.ts'
export {
  artemis,
  classic,
  type Dialect,
  type DialectName,
  dialectOf,
  dialects,
  embedded,
  expiryHeaders,
  keptBack,
  prefetchHeaders,
  rabbitmq,
} from './dialects/mod.ts'
export { saysNoRoom } from './errors/refusal.ts'
export { type Backoff, fullJitterMs } from './reconnecting/backoff.ts'
export { Largest, mayBeTooLarge } from './sending/frame-limit.ts'
export { readSession, type SessionDefaults } from './session/broker-session.ts'
export type { StompSocket } from './session/link.ts'
export { type Address, readAddress, withoutPassword, writeAddress } from './sockets/address.ts'
export type { TlsOptions } from './sockets/tls-options.ts'
export type {
  BrokerSession,
  Headers,
  HowSent,
  Incoming,
  Outgoing,
  Stomp,
  StompState,
  SubscribeOptions,
  Subscription,
  Transaction,
} from './stomp.ts'
