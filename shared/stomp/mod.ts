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
export type {
  Headers,
  Incoming,
  Outgoing,
  Session,
  Stomp,
  StompState,
  SubscribeOptions,
  Subscription,
  Transaction,
} from './stomp.ts'
