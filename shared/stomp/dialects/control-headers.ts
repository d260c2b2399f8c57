/**
 * Headers by which a SEND would control a broker: any of the brokers, because a broker may be put in another's place behind
 * the same bridge. Whoever stands between a sender and a broker removes them.
 */

/**
 * Beginnings of names that only a bridge or an operator may say, in lower case. `jms`: brokers take `JMSReplyTo` for
 * `reply-to`, and others like it.
 */
export const controlPrefixes: readonly string[] = [
  'activemq.',
  'amq_',
  'amq-',
  '_amq',
  '__',
  '_hq',
  'jms',
  'x-',
  'amqp-',
]

/**
 * Names that change what a broker does with a SEND, or that its reader takes for the broker's own words, in lower case.
 * An `ack` of a sender's stands before the broker's on some.
 */
export const controlNames: ReadonlySet<string> = new Set([
  'ack',
  'app-id',
  'auto-delete',
  'bcc',
  'cc',
  'client-id',
  'cluster-id',
  'content-encoding',
  'destination-type',
  'durable',
  'durable-subscriber-name',
  'durable-subscription-name',
  'exclusive',
  'message-id',
  'no-local',
  'prefetch-count',
  'redelivered',
  'routing-type',
  'selector',
  'subscription',
  'timestamp',
  'transformation',
  'transformation-error',
  'user-id',
])
