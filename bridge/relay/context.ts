/** What all relays of a bridge share. */
import type { Credentials, Identity } from '../access/identity.ts'
import type { OnEvent } from '../events.ts'
import type { Limits } from '../limits.ts'
import type { Passes } from '../passes.ts'
import type { Readiness } from '../readiness.ts'
import type { Upstream } from '../upstream.ts'
import type { BrokerVersions } from './broker-versions.ts'
import type { SessionRegistry } from './session-registry.ts'
import type { UnconfirmedDeadLetters } from './unconfirmed-dead-letters.ts'

export interface RelayContext {
  readonly limits: Limits
  readonly onEvent: OnEvent
  readonly upstream: Upstream
  readonly versions: BrokerVersions
  readonly sessions: SessionRegistry
  readonly readiness: Pick<Readiness, 'loggedIn'>
  readonly passes: Passes
  readonly deadLetters: UnconfirmedDeadLetters
  /** @throws {DroverError} `not_authenticated` or `too_many_attempts` */
  authenticate(credentials: Credentials, address: string): Promise<Identity>
  /** ms since the epoch */
  now(): number
}
