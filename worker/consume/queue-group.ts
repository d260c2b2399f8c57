/** The queues that one subscription reads, and how many of those there are. */
import type { QueueSubscription } from './queue-delivery.ts'
import { taskOf } from './source.ts'

/** The queues that are read together (source.ts), and their subscriptions. */
export interface QueueGroup {
  readonly sources: readonly string[]
  /** Whose queues these are, each once. */
  readonly tasks: readonly string[]
  readonly subscriptions: QueueSubscription[]
}

export const groupOf = (sources: readonly string[]): QueueGroup => ({
  sources,
  tasks: [...new Set(sources.map(taskOf))],
  subscriptions: [],
})

/**
 * The group that a retired subscription is counted in: the one that has the queue of its job. Where that reads the very same queues,
 * since its task goes on, it is one of its own again.
 */
export function homeOf(subscription: QueueSubscription, groups: readonly QueueGroup[]): QueueGroup | undefined {
  const { source, sources } = subscription
  const same = groups.find(group => group.sources.join() === sources.join())
  if (same === undefined) return groups.find(group => group.sources.some(one => one === source))
  Object.assign(subscription, { isRetired: false, at: 'open', closing: undefined, turnedRound: 0 })
  return same
}
