/** Reads the messages of the reply queue: it applies those that it can, and discards the rest. No message stops the master. */
import { isSameId, parseReply, type Reply } from '../../contract/mod.ts'
import { salvageReply } from '../../contract/unreadable-reply.ts'
import type { Incoming } from '../../stomp/mod.ts'
import type { JobIndex } from '../jobs/job-index.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Roster } from '../presence/roster.ts'
import type { Recovery } from '../recovery/recovery.ts'
import type { Current } from './current.ts'
import type { Discard, DiscardCounter } from './discards.ts'

export interface ReplyReaderPorts {
  readonly index: JobIndex
  readonly jobs: Pick<Jobs, 'receive'>
  readonly roster: Pick<Roster, 'accepted' | 'workers'>
  readonly current: Pick<Current, 'heard'>
  readonly recovery: Pick<Recovery, 'replied'>
  readonly discards: DiscardCounter
}

export class ReplyReader {
  readonly #ports: ReplyReaderPorts
  #isStopped = false

  constructor(ports: ReplyReaderPorts) {
    this.#ports = ports
  }

  /** Messages that come from now on are left to the next reader of the queue. */
  stop(): void {
    this.#isStopped = true
  }

  read(message: Incoming): void {
    const { index, jobs, roster, current, recovery, discards } = this.#ports
    if (this.#isStopped || current.heard(message)) return
    const read = readReply(message, id => index.shown.has(id))
    if (typeof read === 'string') {
      discards.discard(message, read)
      return
    }
    const { reply, otherwise } = read
    const { type, request_id, worker_id } = reply
    const name = worker_id === undefined ? undefined : roster.workers.get(worker_id)?.name
    const became = jobs.receive(reply, name, () => message.ack())
    if (became === 'repeated') discards.count('repeated')
    recovery.replied(reply)
    if (became === 'unknown') discards.discard(message, otherwise)
    else if (type === 'accepted' && worker_id !== undefined)
      roster.accepted(index.shown.get(request_id)!.task, worker_id, reply.name)
  }
}

export interface ReadReply {
  readonly reply: Reply
  /** Why it is discarded where this master does not know its job. */
  readonly otherwise: Discard
}

/**
 * @param isHere whether this master has a job of that id
 * @returns the reply, as far as it can be read, under the id that its job has here; or why it is about no job
 */
export function readReply(
  { headers, body }: Pick<Incoming, 'headers' | 'body'>,
  isHere: (requestId: string) => boolean,
): ReadReply | Discard {
  const said = headers['correlation-id'] || undefined // an empty one says as much as none
  const reply = strictly(body)
  if (reply !== undefined && (said === undefined || isSameId(said, reply.request_id)))
    return { reply: asHere(reply, isHere), otherwise: 'unknown_job' }
  const salvaged = salvageReply(body, said)
  if (typeof salvaged === 'string') return salvaged
  return { reply: asHere(salvaged.reply, isHere), otherwise: salvaged.isMismatched ? 'mismatched' : 'unknown_job' }
}

function asHere(reply: Reply, isHere: (requestId: string) => boolean): Reply {
  const { request_id } = reply
  if (isHere(request_id)) return reply
  const own = [request_id.toLowerCase(), request_id.toUpperCase()].find(isHere)
  return own === undefined ? reply : { ...reply, request_id: own }
}

function strictly(body: string): Reply | undefined {
  try {
    return parseReply(body)
  } catch {
    return undefined
  }
}
