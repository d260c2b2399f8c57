/** Jobs for every worker of a task: how they come, and a broker that mixes them up with those of its queue. */
import { type Dialect, destinationsOf, type Subscription } from '../../shared/stomp/mod.ts'
import type { Core } from '../core.ts'
import type { Implementation } from '../implement.ts'
import { deliver } from './deliver.ts'

/** Subscribes to the broadcasts of a task. */
export function takeBroadcasts(core: Core, implementation: Implementation, { mixingSetting }: Dialect): Subscription {
  const { name } = implementation.task
  // Acknowledged where a queue's job may come this way: what is not goes back to the queue when the subscription ends.
  const ack = mixingSetting === undefined ? 'auto' : 'client-individual'
  let isOver = false
  const subscription = core.stomp.subscribe(
    {
      destination: destinationsOf(core.session().namespace).topic(name),
      ack,
      headers: session => session.dialect.topicReader,
    },
    incoming => {
      if (isOver) return
      if (incoming.destination.startsWith('/queue/')) {
        // Run here, it would run on every worker, or pass by those that are free.
        isOver = true
        tellMixedUp(core, name)
        void subscription.unsubscribe().catch(() => {}) // gone with its connection, then
        return
      }
      if (ack !== 'auto') incoming.ack()
      deliver(core, implementation, 'topic', incoming)
    },
  )
  return subscription
}

function tellMixedUp(core: Core, task: string): void {
  const { mixingSetting = 'what its configuration says of their names' } = core.session().dialect
  const message =
    `This broker gives the readers of a topic the jobs of the queue of the same name. This worker gives them back, and takes no more ` +
    `broadcasts of "${task}". Take out ${mixingSetting}, then start this worker again`
  core.tell({ type: 'problem', message })
}
