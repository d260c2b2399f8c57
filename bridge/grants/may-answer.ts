/** Where a worker may SEND to about a job that it was handed. Design section 4. */
import { readDestination } from '../../shared/stomp/destinations.ts'
import type { Dialect } from '../../shared/stomp/dialects/mod.ts'
import type { PassedJob } from '../passes.ts'

/**
 * Whether a worker that was handed `job` may SEND to `destination` about it: an answer, back to the job's own queue, or
 * to the dead ones.
 * @param destination of the SEND, unescaped
 */
export function mayAnswer(job: PassedJob, destination: string, ns: string, dialect: Dialect): boolean {
  if (destination === `/queue/${ns}.dead`) return true
  if (destination === job.destination) return destination.startsWith('/queue/')
  if (job.replyTo === '') return destination === `/queue/${ns}.reply`
  if (dialect.temporaryReply?.test(job.replyTo)) return destination === job.replyTo
  const purpose = readDestination(ns, job.replyTo)
  if (purpose?.kind !== 'reply') return false
  // One spelling only: where the dialect has another, a SEND to this one would make the queue, and not as its reader needs it
  const prefix = purpose.masterId === undefined ? '/queue/' : dialect.replySendPrefix
  return destination === prefix + job.replyTo.slice('/queue/'.length)
}
