import type { Dialect } from './dialect.ts'

/** Apache ActiveMQ Classic, seen on 6.1.8. */
export const classic: Dialect = {
  name: 'classic',
  serverPattern: /^ActiveMQ\/\d/i,
  newestVersion: '1.2',
  // 65,536 unless it says otherwise
  frameSetting: 'websocket.maxTextMessageSize in the uri of its ws transport connector',
  prefetch: { header: 'activemq.prefetchSize', unit: 'messages' },
  // A pending limit alone does not bound a topic reader: 32,766 messages of prefetch come first.
  topicReader: { 'activemq.prefetchSize': '200', 'activemq.maximumPendingMessageLimit': '1000' },
  replyReader: {},
  expiry: { header: 'expires', base: 'epoch' },
  delayHeader: 'AMQ_SCHEDULED_DELAY',
  // The scheduler has a store of its own: kill -9 after COMMIT lost the delayed message in 2 of 5 tries, its ACK held.
  delaysInTransaction: false,
  wildcards: { one: '*', rest: '>' },
  durable: { headers: { 'activemq.subscriptionName': '{name}' }, needsClientId: true },
  replySendPrefix: '/queue/',
  temporaryReply: /^\/(remote-)?temp-queue\/[^,*>]+$/,
  unordered:
    'this broker orders jobs by priority only where their queue is set up for it (ActiveMQ Classic: prioritizedMessages="true" ' +
    'in its policyEntry); elsewhere they run in the order of their dispatch',
  // 400 of 400
  persistentOvertakes: true,
  // It marks every message that it had sent. With more jobs waiting that is one each time: an ACK, even before its COMMIT, sends the next.
  unsubscribeReturns: false,
  unsubscribeMarks: true,
  survivesRefusal: true,
  confirmsBeforeCommit: true,
  acksInTransaction: true,
  // Two RECEIPTs to one that says nothing between: 44 ms, 1 ms when an EOL is sent after the first.
  holdsSmallWrites: true,
  writesEachCommit: true,
  // Of 400 jobs, each sent by itself to a worker that was free, 11 had their first reply before their RECEIPT.
  handsOutUnstored: true,
  // Of 1,200 messages 400 came (`maxBrowsePageSize`), in order and unmarked, then one with `browser:end`. Artemis ignores the
  // header: there a subscription with it and `ack:auto` emptied the queue.
  // Without it two that subscribe at once share the messages
  soleReader: { 'activemq.exclusive': 'true' },
  browse: { header: 'browser', value: 'true', end: 'end', most: 400 },
  // Of 1,200 jobs in 4 queues, 4 workers shared all. Each MESSAGE names the one queue that it came from. Of 10 that found jobs
  // waiting in 4 queues 6 were handed nothing until something was sent; with the second one none of 40. When 4 queues were
  // filled at once, one job of 4 (in 4 rounds of 60) stayed behind another at a full reader while 4 readers were free: an ACK
  // in a transaction, and ABORT, had it handed out each time, and a message acknowledged so could be acknowledged again.
  composite: { separator: ',', waker: { 'activemq.prefetchSize': '0' }, keepsBack: true },
}
