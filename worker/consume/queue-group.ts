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

/** The group that reads the queue that a subscription brought its job from. */
export const homeOf = ({ source }: QueueSubscription, groups: readonly QueueGroup[]): QueueGroup | undefined =>
  groups.find(({ sources }) => sources.some(one => one === source))
