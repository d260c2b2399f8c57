/** The parts that all relays of a bridge share. */
import type { Clock } from '../../shared/clock.ts'
import type { Tracing } from '../../shared/tracing/port.ts'
import type { Sender } from '../access/authenticate.ts'
import type { OnEvent } from '../events.ts'
import type { Passes } from '../grants/passes.ts'
import type { Credentials, Identity } from '../identity.ts'
import type { Limits } from '../limits.ts'
import type { BridgeCounts } from '../metrics/counts.ts'
import type { SharedPresence } from '../presence/presence.ts'
import type { Revocations } from '../tokens/revocations.ts'
import type { TokenUses } from '../tokens/token-uses.ts'
import type { Upstream } from '../upstream.ts'
import type { BrokerVersions } from './broker-versions.ts'
import type { Readiness } from './readiness.ts'
import type { SessionRegistry } from './session-registry.ts'
import type { UnconfirmedDeadLetters } from './unconfirmed-dead-letters.ts'

export interface RelayContext {
  readonly limits: Limits
  readonly onEvent: OnEvent
  /** Whether the operator is told of each job that is dispatched. */
  readonly isAudited: boolean
  /** Absent: nobody traces, and no frame has work by it. */
  readonly tracing: Tracing | undefined
  readonly counts: BridgeCounts
  readonly upstream: Upstream
  readonly versions: BrokerVersions
  readonly sessions: SessionRegistry
  readonly readiness: Pick<Readiness, 'loggedIn' | 'loginFailed'>
  readonly passes: Passes
  readonly presence: Pick<SharedPresence, 'join' | 'leave'>
  readonly deadLetters: UnconfirmedDeadLetters
  readonly revocations: Pick<Revocations, 'isRevoked'>
  readonly tokenUses: Pick<TokenUses, 'take'>
  /** @throws {DroverError} `not_authenticated`, `too_many_attempts`, or `forbidden` for a token of other pages */
  authenticate(credentials: Credentials, sender: Sender): Promise<Identity>
  readonly clock: Clock
  /** A fresh unguessable text of letters, digits and dashes at every call. */
  newId(): string
}
