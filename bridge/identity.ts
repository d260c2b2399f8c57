/** Who a session or a request is, with its grants. */
import type { Grants } from '../shared/contract/grants.ts'
import type { Bounds } from './tokens/bounds.ts'

export interface Identity {
  /** As a token's `sub` or a login has it. */
  readonly subject: string
  /** The same, encoded for destinations. */
  readonly owner: string
  readonly grants: Grants
  /** A user of the bridge's own configuration, by password: may read `{ns}.reply`, as the original set-up has it. */
  readonly isConfiguredUser: boolean
  /** Of a token. Instants are ms since the epoch. */
  readonly token?: TokenFacts
  /** Of a token, where it has some. Of a link to one job `owner` is no subject's. */
  readonly bounds?: Bounds
  /** When the proof ends, ms since the epoch; a password does not. */
  readonly expiresAt?: number
}

/** A token's own words about itself, as far as it says so. */
interface TokenFacts {
  readonly jti: string | undefined
  readonly issuedAt: number | undefined
  readonly notBefore?: number | undefined
  /** Which of the bridge's secrets it is by, from 0. */
  readonly secret?: number | undefined
  /** The identity provider that it is by, or whose token it comes from. */
  readonly from?: string | undefined
}

/** The credentials of a CONNECT or a request. */
export interface Credentials {
  /** `Bearer …` */
  readonly authorization?: string | undefined
  readonly login?: string | undefined
  /** A password, or a token. */
  readonly passcode?: string | undefined
}
