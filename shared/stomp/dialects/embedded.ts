import type { Dialect } from './dialect.ts'

/** Drover's own broker, for one machine. */
export const embedded: Dialect = {
  name: 'embedded',
  serverPattern: /^drover-embedded\//,
  newestVersion: '1.2',
  prefetch: { header: 'prefetch-count', unit: 'messages' },
  topicReader: {},
  replyReader: {},
  expiry: { header: 'expires', base: 'epoch' },
  delayHeader: 'AMQ_SCHEDULED_DELAY',
  mostDelayMs: 7 * 86_400_000,
  delaysInTransaction: true,
  wildcards: { one: '*', rest: '>' },
  durable: { headers: { durable: 'true', id: '{name}' }, needsClientId: true },
  replySendPrefix: '/queue/',
  temporaryReply: /^\/temp-queue\/[^,*>]+$/,
  persistentOvertakes: false,
  unsubscribeReturns: true,
  onFull: { header: 'on-full', value: 'receipt' },
  survivesRefusal: false,
  confirmsBeforeCommit: false,
  acksInTransaction: true,
  holdsSmallWrites: false,
  writesEachCommit: false,
  receiptCovers: true,
  acksCumulate: true,
}
