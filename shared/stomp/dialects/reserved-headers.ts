/**
 * Headers by which a SEND would control a broker, or that its reader takes for the broker's own words. A bridge removes
 * them; all others are the sender's own and pass.
 */
import type { DialectName } from './dialect.ts'

/** In lower case: a broker may not mind. */
export interface ReservedHeaders {
  /** Beginnings of names. */
  readonly prefixes: readonly string[]
  readonly names: readonly string[]
}

/**
 * Removed before every broker: the headers of MESSAGE itself (an `ack` of a sender's stands before the broker's on some),
 * `timestamp`, by which time is told and which some brokers pass on, and those that make a name a queue or a topic.
 */
const everywhere: readonly string[] = [
  'ack',
  'destination-type',
  'message-id',
  'redelivered',
  'routing-type',
  'subscription',
  'subscription-type',
  'timestamp',
]

/** Those of each broker. `jms`: it takes `JMSReplyTo` for `reply-to`, and others like it. */
export const reservedHeaders: { readonly [Name in DialectName]: ReservedHeaders } = {
  classic: {
    prefixes: ['activemq.', 'amq_', 'amq-', 'jms'],
    names: [...everywhere, 'transformation', 'transformation-error'],
  },
  artemis: { prefixes: ['_amq', '__', '_hq', 'activemq.', 'amq_', 'amq-', 'jms'], names: everywhere },
  rabbitmq: {
    prefixes: [
      'amqp-',
      // Arguments of the queue that a SEND declares, by the names that the plugin and others like it know
      'x-cancel-on-ha-failover',
      'x-dead-letter',
      'x-delay',
      'x-delivery',
      'x-expires',
      'x-ha-',
      'x-match',
      'x-max',
      'x-message-ttl',
      'x-overflow',
      'x-priority',
      'x-queue',
      'x-quorum',
      'x-single-active-consumer',
      'x-stream',
      // The broker's own record of where a message has been
      'x-death',
      'x-first-death',
      'x-last-death',
      'x-received-from',
    ],
    // CC and BCC name further queues; a `user-id` that is not the login's ends the session
    names: [...everywhere, 'auto-delete', 'bcc', 'cc', 'cluster-id', 'durable', 'exclusive', 'user-id'],
  },
  embedded: { prefixes: ['amq_'], names: everywhere },
}
