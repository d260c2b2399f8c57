/** Reads the messages of a subscription to presence, each a worker's own or a bridge's of many workers. */
import {
  changesHeader,
  checkTaskName,
  type Presence,
  type PresenceChange,
  parsePresence,
  parsePresenceChanges,
} from '../../contract/mod.ts'
import { type BrokerSession, destinationsOf, type Incoming } from '../../stomp/mod.ts'
import type { DiscardCounter } from '../replies/discards.ts'

/** Where the presence of every task is read, for those whose grant allows it. */
export const everyTask = '*'

export interface ReadPresence {
  readonly workers: readonly PresenceChange[]
  /** Of a bridge's message. */
  readonly bridge?: { readonly isSnapshot: boolean; readonly isEnd: boolean }
}

/**
 * @param watched the task, or `*`
 * @param discards counts those that cannot be read
 */
export function readPresence(
  { headers, destination, body }: Incoming,
  watched: string,
  namespace: string,
  discards: Pick<DiscardCounter, 'count'>,
): ReadPresence {
  try {
    if (headers[changesHeader.name] === changesHeader.value) {
      const { isSnapshot, isEnd, workers, unknown, invalid } = parsePresenceChanges(body)
      for (let n = 0; n < unknown; n++) discards.count('unknown_type')
      const ours = workers.filter(({ task }) => watched === everyTask || task === watched)
      for (let n = ours.length; n < workers.length + invalid; n++) discards.count('invalid')
      return { workers: ours, bridge: { isSnapshot, isEnd } }
    }
    const said: Presence | undefined = parsePresence(body)
    const task = watched === everyTask ? taskOf(destination, namespace) : watched
    if (said === undefined) discards.count('unknown_type')
    else if ('task' in said && said.task !== task) discards.count('invalid')
    else return { workers: [{ task, silentMs: 0, said }] }
  } catch {
    discards.count('invalid')
  }
  return { workers: [] }
}

/** @throws {DroverError} `task_invalid` */
function taskOf(destination: string, namespace: string): string {
  const prefix = destinationsOf(namespace).presence('')
  return checkTaskName(destination.startsWith(prefix) ? destination.slice(prefix.length) : '')
}

/** Of a SUBSCRIBE. A bridge that can tells of changes, and no beats. */
export const presenceHeaders = ({ dialect, features }: BrokerSession): Record<string, string> => ({
  ...dialect.topicReader,
  ...(features?.includes('presence') ? { [changesHeader.name]: changesHeader.value } : {}),
})
