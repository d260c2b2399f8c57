/** Reading replies: what can be applied, and what is counted and let go. Whatever arrives, the master goes on. */
import { isSameId, parseReply, type Reply } from '../../contract/mod.ts'
import { salvageReply } from '../../contract/salvage.ts'
import type { Incoming } from '../../stomp/mod.ts'

/** Messages that were acknowledged and changed nothing, by why. */
export interface Strays {
  /** Nothing that names a job, or no presence that can be read. */
  readonly invalid: number
  readonly unknown_type: number
  /** The header `correlation-id` names another job than the body, and none that an outcome could end. */
  readonly mismatched: number
  /** About a job that this master does not know, or no longer. */
  readonly unknown_job: number
  /** Applied before. */
  readonly repeated: number
}

export type Stray = keyof Strays

/** How many of them could not be read: programs that are to be mended send these. The others come of ordinary repetition. */
export function unreadOf({ invalid, unknown_type, mismatched }: Strays): number {
  return invalid + unknown_type + mismatched
}

/** Counts strays. */
export class DiscardCounter {
  readonly counts: Record<Stray, number> = { invalid: 0, unknown_type: 0, mismatched: 0, unknown_job: 0, repeated: 0 }
  readonly #onStray: () => void

  constructor(onStray: () => void) {
    this.#onStray = onStray
  }

  count(why: Stray): void {
    this.counts[why]++
    this.#onStray()
  }

  /** Acknowledges a message that is about no job here, and counts it. */
  letGo(message: Pick<Incoming, 'ack'>, why: Stray): void {
    this.count(why)
    message.ack()
  }
}

export interface ReadReply {
  readonly reply: Reply
  /** What it is where this master does not know its job. */
  readonly otherwise: Stray
}

/**
 * @param isHere whether this master has a job of that id
 * @returns the reply, however far it can be read, under the id that its job has here; or why it is about no job
 */
export function readReply(
  { headers, body }: Pick<Incoming, 'headers' | 'body'>,
  isHere: (requestId: string) => boolean,
): ReadReply | Stray {
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
