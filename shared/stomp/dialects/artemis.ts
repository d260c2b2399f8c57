import type { Dialect } from './dialect.ts'

/**
 * Apache ActiveMQ Artemis, seen on 2.44. Its acceptor has no `anycastPrefix` and `multicastPrefix` (with them a topic's
 * subscribers get the messages of the queue of the same name); each frame says whether its name is a queue.
 */
export const artemis: Dialect = {
  name: 'artemis',
  serverPattern: /Artemis/i,
  // In 1.2 an ERROR ends the connection. When a connection is gone its broker side sends one to it, is ended by that in the
  // middle of ending, and cleans up twice at the same time. Now and then (7 of 600 readers that died on two busy cores)
  // one of the two rolls back a delivery that the other has rolled back already (`StompConnection.fail`, `ServerSessionImpl.doRollback`):
  // the message that the dead reader held is then handed to no subscriber, also after further SENDs, until the broker starts
  // again. In 1.1 it was handed on, 800 times of 800.
  newestVersion: '1.1',
  // 65,536 unless it says otherwise
  frameSetting: 'webSocketMaxFramePayloadLength of its acceptor',
  // In `auto` the bytes of a sent message are never added to the window again: 849 of 3,001 messages of 1 kB came by a window of 1 MiB, and
  // then nothing more.
  prefetch: { header: 'consumer-window-size', unit: 'bytes', auto: '-1' },
  // It stops sending once 128 KiB wait in the socket, with any window, and more for that reader goes to disk: of 320 MiB to
  // a topic with one that stood still, each other reader had all, a heap of 192 MB sufficed, and the disk was free again
  // when that reader's connection ended. The same with windows of 1 MiB.
  topicReader: { 'consumer-window-size': '-1' },
  replyReader: {},
  expiry: { header: 'expires', base: 'epoch' },
  // Without them, and without address settings, `/queue/x` is a topic like any other name: every worker ran every job. With
  // them it is a queue also where it was known as a topic, and nothing changes where address settings say the same.
  kinds: {
    queue: { send: { 'destination-type': 'ANYCAST' }, subscribe: { 'subscription-type': 'ANYCAST' } },
    topic: { send: { 'destination-type': 'MULTICAST' }, subscribe: { 'subscription-type': 'MULTICAST' } },
  },
  // Alone a second copy is dropped and confirmed; in a transaction it makes COMMIT fail, and the session goes on. The ids are
  // in the journal, also those of a topic without readers, and were there after kill -9. A `message-id` is the consumer's
  // number and the message's: "21,20", of the next reader "27,20", and "2147483673,20" of the one after a kill.
  once: { header: '_AMQ_DUPL_ID', delivery: /,(\d+)$/, refusal: /AMQ339013|error committing/i },
  mixingSetting: 'anycastPrefix and multicastPrefix of the acceptor of ActiveMQ Artemis',
  delayHeader: 'AMQ_SCHEDULED_DELAY',
  delaysInTransaction: true,
  wildcards: { one: '*', rest: '#' },
  durable: { headers: { 'durable-subscription-name': '{name}' }, needsClientId: true },
  replySendPrefix: '/queue/',
  temporaryReply: undefined,
  dropsColons: true,
  persistentOvertakes: false,
  unsubscribeReturns: true,
  // In 1.2 it does not.
  survivesRefusal: true,
  confirmsBeforeCommit: true,
  // Its log says "AMQ222070: Stomp Transactional acknowledgement is not supported".
  acksInTransaction: false,
  holdsSmallWrites: false,
  writesEachCommit: false,
}
