/** Where a worker may answer. Design section 4: even with full rights on the broker, only these. */
import { type Destinations, type Dialect, readDestination } from '../../shared/stomp/mod.ts'

/**
 * Finds where replies to a job are sent.
 * @param replyTo the job's header; absent means the namespace's single reply queue
 * @returns the destination in the dialect's spelling; `undefined` for anything but `{ns}.reply`, `{ns}.reply.*.*` and the
 * dialect's temporary queues, a list of several included
 */
export function replyDestination(
  ns: string,
  to: Destinations,
  dialect: Dialect,
  replyTo: string | undefined,
): string | undefined {
  if (replyTo === undefined || replyTo === '' || replyTo === to.reply) return to.reply
  if (dialect.temporaryReply?.test(replyTo) === true) return replyTo
  const spelled = replyTo.startsWith(dialect.replySendPrefix)
    ? `/queue/${replyTo.slice(dialect.replySendPrefix.length)}`
    : replyTo
  const purpose = readDestination(ns, spelled)
  if (purpose?.kind !== 'reply') return undefined
  return purpose.owner === undefined ? to.reply : dialect.replySendPrefix + spelled.slice('/queue/'.length)
}
