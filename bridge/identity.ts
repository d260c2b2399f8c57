/** Who a session or a request is, with its grants. */
import type { Grants } from '../shared/contract/grants.ts'

export interface Identity {
  /** As a token's `sub` or a login has it. */
  readonly subject: string
  /** The same, encoded for destinations. */
  readonly owner: string
  readonly grants: Grants
  /** A user of the bridge's own configuration, by password: may read `{ns}.reply`, as the original set-up has it. */
  readonly isConfiguredUser: boolean
  /** Of a token: its id, and when it was issued (ms since the epoch), as far as it says so. */
  readonly token?: { readonly jti: string | undefined; readonly issuedAt: number | undefined }
  /** When the proof ends, ms since the epoch; a password does not. */
  readonly expiresAt?: number
}

/** The credentials of a CONNECT or a request. */
export interface Credentials {
  /** `Bearer …` */
  readonly authorization?: string | undefined
  readonly login?: string | undefined
  /** A password, or a token. */
  readonly passcode?: string | undefined
}
