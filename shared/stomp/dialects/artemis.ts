import type { Dialect } from './dialect.ts'

/**
 * Apache ActiveMQ Artemis, seen on 2.44. Its acceptor has no `anycastPrefix` and `multicastPrefix` (with them a topic's
 * subscribers get the messages of the queue of the same name); address settings say which names are queues.
 */
export const artemis: Dialect = {
  name: 'artemis',
  serverPattern: /Artemis/i,
  // In 1.2 an ERROR ends the connection. When a connection is gone its broker side sends one to it, is ended by that in the
  // middle of ending, and cleans up twice at the same time. Now and then (7 of 600 readers that died on two busy cores)
  // one of the two rolls back what the other has rolled back already (`StompConnection.fail`, `ServerSessionImpl.doRollback`):
  // the message that the dead reader held is then handed to nobody, whoever subscribes or sends, until the broker starts
  // again. In 1.1 it was handed on, 800 times of 800.
  newestVersion: '1.1',
  prefetch: { header: 'consumer-window-size', unit: 'bytes' },
  topicReader: { 'consumer-window-size': '1048576' },
  replyReader: {},
  expiry: { header: 'expires', base: 'epoch' },
  delayHeader: 'AMQ_SCHEDULED_DELAY',
  delaysInTransaction: true,
  wildcards: { one: '*', rest: '#' },
  durable: { headers: { 'durable-subscription-name': '{name}' }, needsClientId: true },
  replySendPrefix: '/queue/',
  temporaryReply: undefined,
  canPrioritise: true,
  canSelect: true,
  nackRequeues: false,
  unsubscribeReturns: true,
  // In 1.2 it does not.
  survivesRefusal: true,
  confirmsBeforeCommit: true,
  // Its log: "AMQ222070: Stomp Transactional acknowledgement is not supported".
  acksInTransaction: false,
  holdsSmallWrites: false,
  writesEachCommit: false,
}
