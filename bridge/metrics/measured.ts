/** The parts of a bridge that its metrics are made of. */
import type { Clock } from '../../shared/clock.ts'
import type { Readiness } from '../relay/readiness.ts'
import type { SessionRegistry } from '../relay/session-registry.ts'
import type { BridgeCounts } from './counts.ts'

export interface Measured {
  readonly counts: BridgeCounts
  readonly sessions: Pick<SessionRegistry, 'size' | 'connections' | 'bufferedBytes' | 'limitsFullness'>
  readonly readiness: Pick<Readiness, 'isReady'>
  readonly clock: Clock
}
