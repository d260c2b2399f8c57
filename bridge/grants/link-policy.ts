/** The rights of a link to one job: a question that the bridge writes, and a reply queue for the answers. Design section 4. */
import type { LinkedJob } from '../../shared/contract/linked-job.ts'
import { jobQueryDestination, readDestination, renewDestination } from '../../shared/stomp/destinations.ts'
import type { Dialect } from '../../shared/stomp/dialects/mod.ts'
import type { Policy } from './policy.ts'

export interface LinkPolicyOptions {
  readonly job: LinkedJob
  readonly namespace: string
  /** Of the session, which is nobody's whose jobs these are. */
  readonly owner: string
  /** Whose jobs they are, encoded. */
  readonly sender: string
  readonly dialect: Dialect
}

/** All that is not this is refused. */
export function compileLinkPolicy({ job, namespace, owner, sender, dialect }: LinkPolicyOptions): Policy {
  const start = `${job.request_id}_`
  return {
    namespace,
    owner,
    dialect,
    send(destination) {
      if (destination === jobQueryDestination) return { allow: 'job_query', job, sender }
      if (destination === renewDestination) return { allow: 'renewal' }
      return {
        refuse: `SEND to ${shown(destination)} is not granted to this link, which may ask ${jobQueryDestination}`,
      }
    },
    subscribe(destination) {
      const purpose = readDestination(namespace, destination)
      if (purpose?.kind === 'reply' && purpose.owner === owner && isIts(purpose.masterId)) {
        return { allow: 'own_replies', masterId: purpose.masterId }
      }
      const own = `/queue/${namespace}.reply.${owner}.${start}{any name}`
      return { refuse: `SUBSCRIBE to ${shown(destination)} is not granted to this link, which may read ${own}` }
    },
    mayReplyTo: () => false,
    mayRetry: () => false,
    mayWorkOn: () => false,
  }

  /** Links to other jobs of the same people have queues of their own. */
  function isIts(masterId: string | undefined): masterId is string {
    return masterId?.startsWith(start) === true && masterId.length > start.length
  }
}

const shown = (destination: string): string => JSON.stringify(destination.slice(0, 300))
