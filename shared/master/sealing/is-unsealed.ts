/** Replies about sealed jobs that came in the open. */
import { payloadOf, type Reply } from '../../contract/mod.ts'

/** Whether a reply that came in the open says something that only a task's code can say: about a sealed job it does not count. */
export function isUnsealed(reply: Reply): boolean {
  const { type } = reply
  const isOfCode = type === 'result' || type === 'partial' || type === 'progress' || type === 'log'
  return isOfCode && reply.sealed === undefined && payloadOf(reply) !== undefined
}
