/** What a master is made of, and what it tells. */

import type { Clock } from '../clock.ts'
import type { Stomp } from '../stomp/mod.ts'
import type { RetentionLimits } from './jobs/state/retention.ts'
import type { JobStorage } from './storage/storage.ts'

/** What changed; ask the master for what it is now. Many may come in one turn: merge them, by frame for instance. */
export type Change =
  | { readonly type: 'job'; readonly request_id: string }
  /** Workers, tasks, schemas or how many would answer. */
  | { readonly type: 'workers' }
  | { readonly type: 'connection' }
  | { readonly type: 'storage' }
  /** A message was counted among the strays. */
  | { readonly type: 'strays' }

export interface CoreOptions {
  readonly stomp: Stomp
  readonly ownsStomp: boolean
  readonly storage: JobStorage
  readonly clock: Clock
  readonly newId: () => string
  readonly masterId: string | undefined
  readonly replyQueue: 'own' | 'single'
  readonly keepEnded: number
  readonly keepOfEach: RetentionLimits
  readonly awayGraceMs: number
}
