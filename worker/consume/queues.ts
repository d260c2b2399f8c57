/** Which queues a worker reads by one subscription. Promise 6. */
import { DroverError } from '../../shared/contract/mod.ts'
import { type BrokerSession, prefetchHeaders, type SubscribeOptions } from '../../shared/stomp/mod.ts'
import { isOwn, ownSource, queueOf, taskOf } from './source.ts'
import type { TaskLimits } from './task-limits.ts'

/** The longest name of several destinations: no bridge takes more, in bytes. */
const maxNameBytes = 1_000

/**
 * The queues (source.ts), in groups that one subscription may read and that share its prefetch then.
 * @param name the worker's, encoded
 * @param isLimited whether the queues of a task are read apart from those of others, since they are left to other workers at times
 * @returns each by itself where the broker, or the bridge before it, knows no such subscription
 */
export function groupQueues(
  session: BrokerSession,
  sources: readonly string[],
  name: string,
  isLimited: (task: string) => boolean = () => false,
): readonly (readonly string[])[] {
  const { composite } = session.dialect
  const isRefused = session.bridged && session.features?.includes('composite') !== true
  if (composite === undefined || isRefused) return sources.map(source => [source])
  const groups = new Map<string, string[]>()
  const full: (readonly string[])[] = []
  for (const source of sources) {
    const of = isLimited(taskOf(source)) ? taskOf(source) : ''
    const last = groups.get(of)
    if (last !== undefined && destinationOf(session, [...last, source], name).length <= maxNameBytes) last.push(source)
    else {
      if (last !== undefined) full.push(last)
      groups.set(of, [source])
    }
  }
  return [...full, ...groups.values()]
}

const destinationOf = ({ namespace, dialect }: BrokerSession, group: readonly string[], name: string): string =>
  group.map(source => queueOf(source, namespace, name)).join(dialect.composite?.separator)

export interface QueuesPorts {
  /** The latest there was. */
  session(): BrokerSession
  readonly tasks: readonly string[]
  /** Of the worker, as its own queues have it. */
  readonly queueName: string
  /** Whether it has such queues: its name was given, and may stand in theirs. */
  readonly isNamed: boolean
  readonly limits: Pick<TaskLimits, 'has'>
  problem(message: string): void
}

/** The queues of a worker's tasks, in groups. */
export class Queues {
  readonly #ports: QueuesPorts
  /** A later token grants fewer of the queues than an earlier one: each is asked for by itself then. */
  #isApart = false
  /** Its own queues were refused: it goes on with those that it shares. */
  #isUnnamed = false
  #groups: readonly (readonly string[])[] = []
  #ofSession: BrokerSession | undefined

  constructor(ports: QueuesPorts) {
    this.#ports = ports
  }

  /** The queues that one subscription reads, as the broker at hand has it; the same value for the same. */
  get groups(): readonly (readonly string[])[] {
    const now = this.#ports.session()
    if (now !== this.#ofSession) this.#groups = this.#groupsAt(now)
    this.#ofSession = now
    return this.#groups
  }

  /** Whether jobs that are for this worker by its name come here. */
  get isNamed(): boolean {
    return this.#isNamedAt(this.#ports.session())
  }

  /**
   * How a group is subscribed to, with a prefetch of 1.
   * @param onChanged called when the groups have become others
   */
  subscribeOptions(group: readonly string[], onChanged: () => void): SubscribeOptions {
    const { session, queueName } = this.#ports
    return {
      destination: destinationOf(session(), group, queueName),
      headers: now => {
        if (this.#groupsAt(now).some(one => one.join() === group.join())) return prefetchHeaders(now.dialect, 1)
        throw new DroverError('unsupported', 'These queues are not read so any more')
      },
      onRefused: error => {
        if (!isForbidden(error) || group.length < 2 || this.refusedOwn(group, error, onChanged)) return
        this.#isApart = true
        this.#ofSession = undefined
        onChanged()
      },
    }
  }

  /** A broker may let nobody make such a queue: then it is done without. @returns whether the group had one */
  refusedOwn(group: readonly string[], error: Error, onChanged: () => void): boolean {
    if (!isForbidden(error) || !group.some(isOwn)) return false
    if (!this.#isUnnamed) this.#ports.problem(`No job reaches this worker by its name: ${error.message}`)
    this.#isUnnamed = true
    this.#ofSession = undefined
    onChanged()
    return true
  }

  /** The queues of a group by the destination that each message names. */
  byQueue(group: readonly string[]): ReadonlyMap<string, string> {
    const { session, queueName } = this.#ports
    return new Map(group.map(source => [queueOf(source, session().namespace, queueName), source]))
  }

  #groupsAt(now: BrokerSession): readonly (readonly string[])[] {
    const { tasks, limits, queueName } = this.#ports
    const sources = this.#isNamedAt(now) ? tasks.flatMap(task => [task, ownSource(task)]) : tasks
    if (this.#isApart) return sources.map(source => [source])
    return groupQueues(now, sources, queueName, task => limits.has(task))
  }

  #isNamedAt({ bridged, features }: BrokerSession): boolean {
    return this.#ports.isNamed && !this.#isUnnamed && (!bridged || features?.includes('named') === true)
  }
}

const isForbidden = (error: Error): boolean => error instanceof DroverError && error.code === 'forbidden'
