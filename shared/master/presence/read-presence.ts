/** Reads the messages of a subscription to presence, each a worker's own or a bridge's of many workers. */
import {
  type ChangedWorker,
  changesHeader,
  checkTaskName,
  type Presence,
  parsePresence,
  parsePresenceChanges,
} from '../../contract/mod.ts'
import { type BrokerSession, destinationsOf, type Incoming } from '../../stomp/mod.ts'
import type { DiscardCounter } from '../replies/discards.ts'
import type { Heard, WorkerInfo } from './worker-info.ts'

/** Where the presence of every task is read, for those whose grant allows it. */
export const everyTask = '*'

export interface ReadPresence {
  readonly workers: readonly { readonly task: string; readonly silentMs: number; readonly said: Heard }[]
  /** Of a bridge's message. */
  readonly bridge?: { readonly isSnapshot: boolean; readonly isEnd: boolean }
}

/**
 * @param watched the task, or `*`
 * @param known the workers that were heard of
 * @param discards counts those that cannot be read
 */
export function readPresence(
  { headers, destination, body }: Incoming,
  watched: string,
  namespace: string,
  known: ReadonlyMap<string, WorkerInfo>,
  discards: Pick<DiscardCounter, 'count'>,
): ReadPresence {
  try {
    if (headers[changesHeader.name] === changesHeader.value) {
      const { isSnapshot, isEnd, workers, unknown, invalid } = parsePresenceChanges(body)
      for (let n = 0; n < unknown; n++) discards.count('unknown_type')
      for (let n = 0; n < invalid; n++) discards.count('invalid')
      const heard = workers.flatMap(one => ('said' in one ? one : whole(one, watched, known)))
      return { workers: heard, bridge: { isSnapshot, isEnd } }
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

/** A worker of which only the changes were told; nothing of one that is not known. */
function whole(
  { workerId, silentMs, now }: ChangedWorker,
  watched: string,
  known: ReadonlyMap<string, WorkerInfo>,
): { task: string; silentMs: number; said: Heard }[] {
  const worker = known.get(workerId)
  const task = watched === everyTask ? worker?.tasks[0] : watched
  if (worker === undefined || task === undefined) return []
  const said: Heard = {
    worker_id: workerId,
    name: now.name ?? worker.name,
    state: now.state ?? worker.state,
    concurrency: now.concurrency ?? worker.concurrency,
    active: now.active ?? worker.active,
    processed: now.processed ?? worker.processed,
    failed: now.failed ?? worker.failed,
    interval_ms: now.interval_ms ?? worker.interval_ms,
  }
  return [{ task, silentMs, said }]
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
