/** Which queues a worker reads by one subscription. Promise 6. */
import { DroverError } from '../../shared/contract/mod.ts'
import { type BrokerSession, destinationsOf, prefetchHeaders, type SubscribeOptions } from '../../shared/stomp/mod.ts'
import type { Pauses } from '../pauses.ts'

/** The longest name of several destinations: no bridge takes more, in bytes. */
const maxNameBytes = 1_000

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
    if (last !== undefined && destinationOf(session, [...last, task]).length <= maxNameBytes) last.push(task)
    else groups.push([task])
  }
  return groups
}

const destinationOf = ({ namespace, dialect }: BrokerSession, group: readonly string[]): string =>
  group.map(destinationsOf(namespace).queue).join(dialect.composite?.separator)

export interface QueuesPorts {
  /** The latest there was. */
  session(): BrokerSession
  readonly tasks: readonly string[]
  readonly pauses: Pick<Pauses, 'has'>
}

/** The queues of a worker's tasks, in groups. */
export class Queues {
  readonly #ports: QueuesPorts
  /** A later token grants fewer of the queues than an earlier one: each is asked for by itself then. */
  #isApart = false
  #groups: readonly (readonly string[])[]
  #ofSession: BrokerSession | undefined

  constructor(ports: QueuesPorts) {
    this.#ports = ports
    this.#groups = ports.tasks.map(task => [task])
  }

  /** The tasks whose queues one subscription reads, as the broker at hand has it; the same value for the same. */
  get groups(): readonly (readonly string[])[] {
    const now = this.#ports.session()
    if (now !== this.#ofSession) this.#groups = this.#groupsAt(now)
    this.#ofSession = now
    return this.#groups
  }

  /** Other tasks are paused now. */
  regroup(): void {
    this.#ofSession = undefined
  }

  /**
   * How a group is subscribed to, with a prefetch of 1.
   * @param onChanged called when the groups have become others
   */
  subscribeOptions(group: readonly string[], onChanged: () => void): SubscribeOptions {
    return {
      destination: destinationOf(this.#ports.session(), group),
      headers: now => {
        if (this.#groupsAt(now).some(one => one.join() === group.join())) return prefetchHeaders(now.dialect, 1)
        throw new DroverError('unsupported', 'These queues are not read so any more')
      },
      onRefused: error => {
        if (group.length < 2 || !(error instanceof DroverError) || error.code !== 'forbidden') return
        this.#isApart = true
        this.regroup()
        onChanged()
      },
    }
  }

  /** The tasks of a group by the queue that each message names. */
  byQueue(group: readonly string[]): ReadonlyMap<string, string> {
    const to = destinationsOf(this.#ports.session().namespace)
    return new Map(group.map(task => [to.queue(task), task]))
  }

  #groupsAt(now: BrokerSession): readonly (readonly string[])[] {
    const tasks = this.#ports.tasks.filter(task => !this.#ports.pauses.has(task))
    return this.#isApart ? tasks.map(task => [task]) : groupTasks(now, tasks)
  }
}
