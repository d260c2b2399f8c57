import type { Dialect } from './dialect.ts'

/**
 * Apache ActiveMQ Artemis, seen on 2.44. Its acceptor has no `anycastPrefix` and `multicastPrefix` (with them a topic's
 * subscribers get the messages of the queue of the same name); address settings say which names are queues.
 */
export const artemis: Dialect = {
  name: 'artemis',
  serverPattern: /Artemis/i,
  prefetch: { header: 'consumer-window-size', unit: 'bytes' },
  topicReader: { 'consumer-window-size': '1048576' },
  replyReader: {},
  expiry: { header: 'expires', base: 'epoch' },
  delayHeader: 'AMQ_SCHEDULED_DELAY',
  wildcards: { one: '*', rest: '#' },
  durable: { headers: { 'durable-subscription-name': '{name}' }, needsClientId: true },
  replySendPrefix: '/queue/',
  temporaryReply: undefined,
  canPrioritise: true,
  canSelect: true,
  nackRequeues: false,
  unsubscribeKeeps: false,
  survivesRefusal: false,
  confirmsBeforeCommit: true,
  // Its log: "AMQ222070: Stomp Transactional acknowledgement is not supported".
  acksInTransaction: false,
  holdsSmallWrites: false,
  writesEachCommit: false,
}
