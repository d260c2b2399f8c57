/** The quotas of the embedded broker, in all and for each owner. */
import { Quota } from '../shared/quota.ts'
import type { BrokerLimits } from './limits.ts'

export class Quotas {
  readonly connections: Quota
  readonly queues: Quota
  readonly subscriptions: Quota
  readonly durables: Quota
  readonly transactions: Quota
  readonly transactionBytes: Quota
  /** Topics' messages that wait for connections which do not read. */
  readonly backlogBytes: Quota

  constructor(limits: BrokerLimits) {
    this.connections = new Quota({
      what: 'connections',
      inAll: limits.maxConnections,
      ofOwner: limits.maxOwnerConnections,
    })
    this.queues = new Quota({ what: 'queues', inAll: limits.maxQueues, ofOwner: limits.maxOwnerQueues })
    this.subscriptions = new Quota({
      what: 'subscriptions',
      inAll: limits.maxTotalSubscriptions,
      ofOwner: limits.maxOwnerSubscriptions,
    })
    this.durables = new Quota({
      what: 'durable subscriptions',
      inAll: limits.maxDurables,
      ofOwner: limits.maxOwnerDurables,
    })
    this.transactions = new Quota({
      what: 'open transactions',
      inAll: limits.maxTotalTransactions,
      ofOwner: limits.maxOwnerTransactions,
    })
    this.transactionBytes = new Quota({
      what: 'bytes in open transactions',
      inAll: Math.floor(limits.maxTotalBytes / 2),
      ofOwner: limits.maxOwnerTransactionBytes,
    })
    this.backlogBytes = new Quota({
      what: 'bytes waiting for topic subscriptions',
      inAll: limits.maxTotalBytes,
      ofOwner: limits.maxOwnerBacklogBytes,
    })
  }
}
