/** Makes tokens, which say by a signature who somebody is, with which grants. Design section 4. */
import { SignJWT } from 'jose'
import { systemClock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import { issuesText } from '../../shared/contract/read-message.ts'
import { Grants } from '../../shared/contract/token-grants.ts'
import { randomId } from '../../shared/random-id.ts'
import { algorithm, signingKey } from './signing-key.ts'
import { subjectFault } from './subject.ts'

export interface MintOptions {
  /** The bridge's secret; at least 32 bytes. */
  readonly secret: string
  /** Who the token is for: the owner of jobs and reply queues. */
  readonly sub: string
  /** Absent grants are not given; `ns` is `myapp` when absent. */
  readonly grants: Partial<Grants>
  /** How long it lasts. Default 1 h. */
  readonly expiresInMs?: number
  /** Who mints it; needed where the bridge expects one. */
  readonly issuer?: string | undefined
  /** Names it, so that it can be revoked. Default: a new one. */
  readonly jti?: string | undefined
  /** Its `iat`, in ms since the epoch: that of the token that it comes from. Default: `now`. */
  readonly issuedAt?: number | undefined
  /** ms since the epoch; default the present. */
  readonly now?: number
}

/**
 * Makes a token.
 * @throws {DroverError} `config_invalid` for a short secret, a subject that no token may have, or grants that are none
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { mintToken } from 'drover/bridge'
 * const secret = '0123456789abcdef0123456789abcdef'
 * const token = await mintToken({ secret, sub: 'ada', grants: { dispatch: ['image.*'] } })
 * assert.equal(token.split('.').length, 3)
 * ```
 */
export async function mintToken(options: MintOptions): Promise<string> {
  const { secret, sub, grants, expiresInMs = 3_600_000, issuer, now = systemClock.now() } = options
  const key = signingKey(secret)
  const fault = subjectFault(sub)
  if (fault !== undefined) throw new DroverError('config_invalid', `The subject of a token ${fault}`)
  if (!Number.isFinite(expiresInMs) || expiresInMs <= 0) {
    throw new DroverError('config_invalid', `A token cannot last ${expiresInMs} ms; expected more than 0`)
  }
  const parsed = Grants.safeParse(grants)
  if (!parsed.success) {
    const found = issuesText(parsed.error.issues)
    throw new DroverError('config_invalid', `These are no grants: ${found}`)
  }
  const jwt = new SignJWT({ drover: { ...parsed.data } })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .setSubject(sub)
    .setJti(options.jti ?? randomId())
    .setIssuedAt(Math.floor((options.issuedAt ?? now) / 1000))
    .setExpirationTime(Math.floor((now + expiresInMs) / 1000))
  if (issuer !== undefined) jwt.setIssuer(issuer)
  return await jwt.sign(key)
}
