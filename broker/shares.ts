/** What the embedded broker bounds in all and for each owner. */
import { Share } from '../shared/share.ts'
import type { BrokerLimits } from './limits.ts'

export class Shares {
  readonly connections: Share
  readonly queues: Share
  readonly subscriptions: Share
  readonly durables: Share
  readonly transactions: Share
  readonly transactionBytes: Share
  /** Topics' messages that wait for connections which do not read. */
  readonly backlogBytes: Share

  constructor(limits: BrokerLimits) {
    this.connections = new Share({
      what: 'connections',
      inAll: limits.maxConnections,
      ofOwner: limits.maxOwnerConnections,
    })
    this.queues = new Share({ what: 'queues', inAll: limits.maxQueues, ofOwner: limits.maxOwnerQueues })
    this.subscriptions = new Share({
      what: 'subscriptions',
      inAll: limits.maxTotalSubscriptions,
      ofOwner: limits.maxOwnerSubscriptions,
    })
    this.durables = new Share({
      what: 'durable subscriptions',
      inAll: limits.maxDurables,
      ofOwner: limits.maxOwnerDurables,
    })
    this.transactions = new Share({
      what: 'open transactions',
      inAll: limits.maxTotalTransactions,
      ofOwner: limits.maxOwnerTransactions,
    })
    this.transactionBytes = new Share({
      what: 'bytes in open transactions',
      inAll: Math.floor(limits.maxTotalBytes / 2),
      ofOwner: limits.maxOwnerTransactionBytes,
    })
    this.backlogBytes = new Share({
      what: 'bytes waiting for topic subscriptions',
      inAll: limits.maxTotalBytes,
      ofOwner: limits.maxOwnerBacklogBytes,
    })
  }
}
