/** Jobs for every worker of a task: how they come, and a broker that mixes them up with those of its queue. */
import { type BrokerSession, destinationsOf, type Stomp, type Subscription } from '../../shared/stomp/mod.ts'
import type { Consumer } from './consumer.ts'

export interface BroadcastsPorts {
  readonly stomp: Pick<Stomp, 'subscribe'>
  session(): BrokerSession
  readonly consumer: Pick<Consumer, 'broadcast'>
  problem(message: string, error?: unknown): void
}

/** Subscribes to the broadcasts of a task. */
export function subscribeBroadcasts(
  { stomp, session, consumer, problem }: BroadcastsPorts,
  task: string,
): Subscription {
  const { namespace, dialect } = session()
  // Acknowledged where a queue's job may come this way: one that is not goes back to the queue when the subscription ends.
  const ack = dialect.mixingSetting === undefined ? 'auto' : 'client-individual'
  let isOver = false
  const subscription = stomp.subscribe(
    { destination: destinationsOf(namespace).topic(task), ack, headers: now => now.dialect.topicReader },
    incoming => {
      if (isOver) return
      if (incoming.destination.startsWith('/queue/')) {
        // Run here, it would run on every worker, or pass by those that are free.
        isOver = true
        problem(mixedUp(task, session()))
        void subscription.unsubscribe().catch(() => {}) // gone with its connection, then
        return
      }
      if (ack !== 'auto') incoming.ack()
      consumer.broadcast(task, incoming)
    },
  )
  return subscription
}

function mixedUp(task: string, { dialect }: BrokerSession): string {
  const { mixingSetting = 'the setting that gives them the same name' } = dialect
  return (
    `This broker gives the readers of a topic the jobs of the queue of the same name. This worker gives them back, and takes no more ` +
    `broadcasts of "${task}". Take out ${mixingSetting}, then start this worker again`
  )
}
