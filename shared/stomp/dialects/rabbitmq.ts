import type { Dialect } from './dialect.ts'

/** RabbitMQ with its STOMP plugin, seen on 3.10. */
export const rabbitmq: Dialect = {
  name: 'rabbitmq',
  serverPattern: /^RabbitMQ\//i,
  newestVersion: '1.2',
  // Without a limit unless it says otherwise
  frameSetting: 'web_stomp.ws_opts.max_frame_size',
  prefetch: { header: 'prefetch-count', unit: 'messages' },
  topicReader: { 'prefetch-count': '200', 'x-max-length': '1000', 'x-overflow': 'drop-head' },
  // The queue goes two hours after its reader, an hour after the last reply. Task queues never take arguments: they could not change later.
  replyReader: { 'x-expires': '7200000', 'auto-delete': 'false', durable: 'true' },
  replyReaderBefore: { 'x-expires': '60000', 'auto-delete': 'false', durable: 'true' },
  // Of more than 10 years it says PRECONDITION_FAILED and ends the connection, with all that it had handed out.
  expiry: { header: 'expiration', base: 'now', mostMs: 315_360_000_000 },
  delaysInTransaction: false,
  wildcards: { one: '*', rest: '#' },
  durable: { headers: { durable: 'true', 'auto-delete': 'false', id: '{name}' }, needsClientId: false },
  // A SEND to /queue/x declares x without arguments and is refused when x has `x-expires`.
  replySendPrefix: '/amq/queue/',
  // Each SEND to /queue/x declares x, unless its connection did before: with `persistent:false` as exclusive and auto-delete. Where
  // x is there as others have it, that is RESOURCE_LOCKED and the connection's end; where it is not, its reader is refused.
  claimsByTransient: true,
  // It makes `/reply-queue/x` of a reply-to `x` of any kind; only queues that it named itself begin so.
  temporaryReply: /^\/reply-queue\/amq\.(gen-|rabbitmq\.reply-to\.)[^,*#]+$/,
  unordered:
    'RabbitMQ orders a queue by priority only with x-max-priority, which the queue of a task may not have: ' +
    'the jobs run in the order of their dispatch',
  // A message's id is `T_{id}@@{session}@@{number}`, not escaped, and an ACK's is taken apart again at each `@@`
  unusableIds: { pattern: /\\|@@|@$/, says: 'a backslash, @@, or @ at its end' },
  persistentOvertakes: false,
  // It stays with the connection, out of reach, until that ends.
  unsubscribeReturns: false,
  survivesRefusal: false,
  confirmsBeforeCommit: false,
  acksInTransaction: true,
  holdsSmallWrites: false,
  writesEachCommit: false,
  // Its `consumer_timeout` as it is shipped. The whole channel ends, and all that it had handed out goes back.
  maxUnackedMs: 30 * 60_000,
  takesBack: {
    setting: 'consumer_timeout',
    saysMs: /delivery acknowledgement\b.{0,100} timed out\. Timeout value used: (\d+) ms/,
  },
}
