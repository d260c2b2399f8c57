/** Makes tokens, which say by a signature who somebody is, with which grants. Design section 4. */
import { SignJWT } from 'jose'
import { systemClock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import { noGrants } from '../../shared/contract/grants.ts'
import { issuesText } from '../../shared/contract/read-message.ts'
import { Grants, grantsInclude } from '../../shared/contract/token-grants.ts'
import { randomId } from '../../shared/random-id.ts'
import { Bounds, isBound, linkFault } from './bounds.ts'
import { algorithm, signingKey } from './signing-key.ts'
import { subjectFault } from './subject.ts'

export interface MintOptions {
  /** The bridge's secret; at least 32 bytes. */
  readonly secret: string
  /** Who the token is for: the owner of jobs and reply queues. */
  readonly sub: string
  /** Absent grants are not given; `ns` is `myapp` when absent. With `job` it has no others. */
  readonly grants: Partial<Grants>
  /** How many sessions it opens, 1 to 100. Default: as many as come. */
  readonly uses?: number | undefined
  /** The pages that it is for, by their origin, such as `https://shop.example`. Default: any that the bridge lets in, and programs. */
  readonly origin?: string | readonly string[] | undefined
  /** The one job that it may read, and nothing else: a link to share. */
  readonly job?: { readonly task: string; readonly request_id: string } | undefined
  /** How long it lasts. Default 1 h. */
  readonly expiresInMs?: number
  /** Who mints it; needed where the bridge expects one. */
  readonly issuer?: string | undefined
  /** Names it, so that it can be revoked. Default: a new one. */
  readonly jti?: string | undefined
  /** Its `iat`, in ms since the epoch: that of the token that it comes from. Default: `now`. */
  readonly issuedAt?: number | undefined
  /** The identity provider whose token it comes from: it ends with the trust in that. */
  readonly from?: string | undefined
  /** ms since the epoch; default the present. */
  readonly now?: number
}

/**
 * Makes a token.
 * @throws {DroverError} `config_invalid` for a short secret, a subject that no token may have, or grants or bounds that are none
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
  const bounds = readBounds(options)
  const fromOther = options.from === undefined ? {} : { from: options.from }
  const jwt = new SignJWT({ drover: { ...parsed.data, ...bounds, ...fromOther } })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...critical(bounds) })
    .setSubject(sub)
    .setJti(options.jti ?? randomId())
    .setIssuedAt(Math.floor((options.issuedAt ?? now) / 1000))
    .setExpirationTime(Math.floor((now + expiresInMs) / 1000))
  if (issuer !== undefined) jwt.setIssuer(issuer)
  // When it was made, since `iat` may be another's: before that nobody has used it
  if (bounds.uses !== undefined) jwt.setNotBefore(now / 1000)
  return await jwt.sign(key, { crit: { drover: true } })
}

/** @throws {DroverError} `config_invalid` */
function readBounds({ sub, grants, uses, origin, job }: MintOptions): Bounds {
  const parsed = Bounds.safeParse({ uses, origin, job })
  if (!parsed.success) {
    throw new DroverError('config_invalid', `The bounds of a token do not fit: ${issuesText(parsed.error.issues)}`)
  }
  const bounds = Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined)) as Bounds
  if (bounds.job === undefined) return bounds
  const fault = linkFault(sub)
  if (fault !== undefined) throw new DroverError('config_invalid', `The subject of a token ${fault}`)
  const { ns, seal: _, ...given } = { ...noGrants, ...grants }
  if (grantsInclude({ ...noGrants, ns }, { ...given, ns })) return bounds
  throw new DroverError('config_invalid', 'A token for one job has no grants; leave them out')
}

/** A bridge that knows one of these bounds not refuses the token. RFC 7515, section 4.1.11. */
function critical(bounds: Bounds): { readonly crit?: string[]; readonly drover?: string[] } {
  return isBound(bounds) ? { crit: ['drover'], drover: Object.keys(bounds) } : {}
}
