/** Reading replies: what can be applied, and what is counted and let go. Whatever arrives, the master goes on. */
import { parseReply, type Reply } from '../contract/mod.ts'
import type { Incoming } from '../stomp/mod.ts'

/** Messages that were acknowledged and changed nothing, by why. */
export interface Strays {
  /** Not a reply, or one of a newer version. */
  readonly invalid: number
  readonly unknown_type: number
  /** The header `correlation-id` names another job than the body. */
  readonly mismatched: number
  /** About a job that this master does not know, or no longer. */
  readonly unknown_job: number
  /** Applied before. */
  readonly repeated: number
}

export type Stray = keyof Strays

/** @returns the reply, or why it is none */
export function readReply({ headers, body }: Pick<Incoming, 'headers' | 'body'>): Reply | Stray {
  let reply: Reply | undefined
  try {
    reply = parseReply(body)
  } catch {
    return 'invalid'
  }
  if (reply === undefined) return 'unknown_type'
  const said = headers['correlation-id']
  return said === undefined || said === reply.request_id ? reply : 'mismatched'
}
