/** Which queues a worker reads by one subscription. Promise 6. */
import { DroverError } from '../../shared/contract/mod.ts'
import { type BrokerSession, destinationsOf, prefetchHeaders, type Stomp } from '../../shared/stomp/mod.ts'
import type { QueueSubscriptionsPorts } from './queue-subscriptions.ts'

/** The longest name of several destinations: no bridge takes more, in bytes. */
const maxLength = 1_000

/**
 * The tasks, in groups whose queues one subscription may read and which share its prefetch then.
 * @returns each by itself where the broker, or the bridge before it, knows no such subscription
 */
export function groupTasks(session: BrokerSession, tasks: readonly string[]): readonly (readonly string[])[] {
  const { composite } = session.dialect
  const isRefused = session.bridged && session.features?.includes('composite') !== true
  if (composite === undefined || isRefused) return tasks.map(task => [task])
  const groups: string[][] = []
  for (const task of tasks) {
    const last = groups.at(-1)
    if (last !== undefined && destinationOf(session, [...last, task]).length <= maxLength) last.push(task)
    else groups.push([task])
  }
  return groups
}

const destinationOf = ({ namespace, dialect }: BrokerSession, group: readonly string[]): string =>
  group.map(destinationsOf(namespace).queue).join(dialect.composite?.separator)

export interface QueuesOptions {
  readonly stomp: Pick<Stomp, 'subscribe'>
  /** The latest there was. */
  session(): BrokerSession
  readonly tasks: readonly string[]
  /** The groups have become others. */
  changed(): void
}

/** How queue subscriptions are made, of the queues of a worker's tasks. */
export function createQueues({
  stomp,
  session,
  tasks,
  changed,
}: QueuesOptions): Pick<QueueSubscriptionsPorts, 'groups' | 'open'> {
  const apart = tasks.map(task => [task])
  /** A later token grants some of what an earlier one did: each is asked for by itself then. */
  let isApart = false
  let groups = apart as readonly (readonly string[])[]
  let ofSession: BrokerSession | undefined
  const groupsAt = (now: BrokerSession) => (isApart ? apart : groupTasks(now, tasks))
  return {
    groups() {
      const now = session()
      if (now !== ofSession) groups = groupsAt(now)
      ofSession = now
      return groups
    },
    open(group, onMessage) {
      const to = destinationsOf(session().namespace)
      const byQueue = new Map(group.map(task => [to.queue(task), task]))
      return stomp.subscribe(
        {
          destination: destinationOf(session(), group),
          headers(now) {
            if (groupsAt(now).some(one => one.join() === group.join())) return prefetchHeaders(now.dialect, 1)
            throw new DroverError('unsupported', 'These queues are not read so any more')
          },
          onRefused(error) {
            if (group.length < 2 || !(error instanceof DroverError) || error.code !== 'forbidden') return
            isApart = true
            ofSession = undefined
            changed()
          },
        },
        // Of what names no queue of the group the reader of the first one says what is wrong with it.
        incoming => onMessage(byQueue.get(incoming.destination) ?? group[0]!, incoming),
      )
    },
  }
}
