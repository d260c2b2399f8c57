/** What the parts of one worker that take deliveries in share. */
import type { Clock } from '../shared/clock.ts'
import type { Session, Stomp } from '../shared/stomp/mod.ts'
import type { WorkerConnection } from './connection.ts'
import type { Claim, Claims } from './consume/claim.ts'
import type { Slots } from './consume/slots.ts'
import type { Implementation } from './implement.ts'
import type { WorkerEvent, WorkerLimits } from './options.ts'
import type { Presence } from './presence/presence.ts'
import type { JobEnds } from './settle/job-ends.ts'
import type { JobEvents } from './settle/job-events.ts'
import type { JobMemory } from './settle/job-memory.ts'
import type { JobMessages } from './settle/job-messages.ts'
import type { Replies } from './settle/replies.ts'
import type { Settler } from './settle/settler.ts'

export interface Core {
  readonly stomp: Stomp
  readonly workerId: string
  readonly limits: WorkerLimits
  readonly implementations: ReadonlyMap<string, Implementation>
  readonly memory: JobMemory
  readonly claims: Claims
  readonly slots: Slots<Claim>
  readonly settler: Settler
  readonly ends: JobEnds
  readonly events: JobEvents
  readonly messages: JobMessages
  readonly presence: Presence
  /** Jobs that were dropped unstarted when their connection went: delivered again, they are not losses. */
  readonly returned: { delete(requestId: string): boolean }
  readonly connection: WorkerConnection
  readonly counts: { dropped: number }
  readonly isDraining: boolean
  /** The latest there was. */
  session(): Session
  readonly clock: Clock
  repliesFor(claim: Pick<Claim, 'requestId' | 'copies'>, attempt: number): Replies
  tell(event: WorkerEvent): void
}

export const tellJob = (core: Core, ...said: Parameters<JobEvents['log']>): void => core.events.log(...said)
