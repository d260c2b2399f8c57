/** The claims of a token, each with its own sentence about the expected value. RFC 7519, section 4. */
import { noGrants } from '../../shared/contract/grants.ts'
import { Grants } from '../../shared/contract/token-grants.ts'
import { Bounds, linkFault } from './bounds.ts'
import { type ClaimPath, claimAt, shownPath } from './claim-path.ts'
import { subjectFault } from './subject.ts'

/** The end of the year 9999: above it are only ms that were taken for s. */
const latestS = 253_402_300_799

export interface Claims {
  readonly sub: string
  /** s since the epoch. */
  readonly exp: number
  /** s since the epoch. */
  readonly iat: number | undefined
  readonly jti: string | undefined
  /** s since the epoch. */
  readonly nbf: number | undefined
  readonly grants: Grants
  readonly bounds: Bounds
  /** The identity provider whose token it comes from. */
  readonly from: string | undefined
}

/** The members of a token, of which nothing is known. */
export type AnyClaims = Readonly<Record<string, unknown>>

export interface ClaimsExpected {
  /** Absent: any `iss`, or none. */
  readonly issuer: string | undefined
  /** One of them has to be in the claim; absent: any, or none. */
  readonly audience?: { readonly at: ClaimPath; readonly oneOf: readonly string[] } | undefined
  /** How far the clocks of two servers may differ, in s: before `nbf`, and after `exp`. */
  readonly earlyS: number
  readonly lateS: number
  /** @throws {ClaimFault} */
  subjectOf(claims: AnyClaims): string
  /** @throws {ClaimFault} */
  grantsOf(claims: AnyClaims): Grants
  /** Where its bounds stand, beside its grants; `undefined`: it has none. */
  boundsAt(claims: AnyClaims): unknown
}

/** The fault of a claim, in words. */
export class ClaimFault extends Error {}

/**
 * Reads the claims of a token whose signature is right.
 * @param now ms since the epoch
 * @returns the claims, or the fault of one in words, without anything that only the token's owner should read
 */
export function readClaims(payload: string, expected: ClaimsExpected, now: number): Claims | string {
  try {
    const claims = asObject(payload)
    checkIssuer(claims, expected.issuer)
    checkAudience(claims, expected.audience)
    const times = readTimes(claims, expected, now)
    const jti = typeof claims['jti'] === 'string' ? claims['jti'] : undefined
    const sub = expected.subjectOf(claims)
    const grants = expected.grantsOf(claims)
    return { ...times, sub, jti, ...readBound(expected.boundsAt(claims), grants, sub, jti, times.nbf) }
  } catch (fault) {
    if (fault instanceof ClaimFault) return fault.message
    throw fault
  }
}

function asObject(payload: string): AnyClaims {
  let value: unknown
  try {
    value = JSON.parse(payload)
  } catch {
    throw new ClaimFault('its payload is not JSON; expected an object with sub, exp and drover')
  }
  if (kindOf(value) !== 'an object')
    throw new ClaimFault(`its payload is ${kindOf(value)}; expected an object with sub, exp and drover`)
  return { ...(value as object) }
}

function checkIssuer({ iss }: AnyClaims, issuer: string | undefined): void {
  if (issuer === undefined || iss === issuer) return
  const found =
    iss === undefined ? 'it has no "iss"' : `its "iss" is ${typeof iss === 'string' ? 'another' : kindOf(iss)}`
  throw new ClaimFault(`${found}; this bridge takes tokens whose iss is ${JSON.stringify(issuer)}`)
}

function checkAudience(claims: AnyClaims, audience: ClaimsExpected['audience']): void {
  if (audience === undefined) return
  const found = claimAt(claims, audience.at)
  // RFC 7519, section 4.1.3
  const named = Array.isArray(found) ? found : [found]
  if (named.some(one => typeof one === 'string' && audience.oneOf.includes(one))) return
  const what = found === undefined ? `it has no "${shownPath(audience.at)}"` : 'it is for somebody else'
  const wanted = audience.oneOf.map(one => JSON.stringify(one)).join(' or ')
  throw new ClaimFault(`${what}; this bridge takes tokens whose ${shownPath(audience.at)} is ${wanted}`)
}

function readTimes(
  claims: AnyClaims,
  { earlyS, lateS }: ClaimsExpected,
  now: number,
): { exp: number; iat: number | undefined; nbf: number | undefined } {
  const exp = secondsOf(claims, 'exp')
  const nbf = secondsOf(claims, 'nbf')
  const iat = secondsOf(claims, 'iat')
  if (exp === undefined) throw new ClaimFault('it has no "exp": mint exp, when it ends, in s since the epoch')
  const clock = `this bridge's clock says ${shown(now / 1000)}`
  if (exp <= now / 1000 - lateS) throw new ClaimFault(`it has expired at ${shown(exp)}, ${clock}; get a new one`)
  if (nbf !== undefined && nbf > now / 1000 + earlyS) {
    throw new ClaimFault(
      `it is not valid before ${shown(nbf)} (its "nbf"), ${clock}; use it later, or set the clocks right`,
    )
  }
  return { exp, iat, nbf }
}

/** A NumericDate, which may have a fraction. */
function secondsOf(claims: AnyClaims, name: string): number | undefined {
  const value = claims[name]
  if (value === undefined) return undefined
  const wanted = 'expected s since the epoch as a number, such as 1795000000'
  if (typeof value !== 'number') throw new ClaimFault(`its "${name}" is ${kindOf(value)}; ${wanted}`)
  if (value < 0) throw new ClaimFault(`its "${name}" is negative; ${wanted}`)
  if (value > latestS) throw new ClaimFault(`its "${name}" is after the year 9999, as ms would be; ${wanted}`)
  return value
}

/**
 * The `sub` of a bridge's own token.
 * @throws {ClaimFault}
 */
export function readSubject({ sub }: AnyClaims): string {
  if (sub === undefined) throw new ClaimFault('it has no "sub": mint sub, text that says whom it is for, such as "ada"')
  if (typeof sub !== 'string')
    throw new ClaimFault(`its sub is ${kindOf(sub)}; expected text that says whom it is for, such as "ada"`)
  const fault = subjectFault(sub)
  if (fault !== undefined) throw new ClaimFault(`its sub ${fault}`)
  return sub
}

/**
 * The grants of a claim.
 * @param name of the claim, for errors
 * @throws {ClaimFault}
 */
export function readGrants(claim: unknown, name: string): Grants {
  const wanted = 'an object with its grants, such as {"dispatch":["image.*"]}'
  if (claim === undefined) throw new ClaimFault(`it has no "${name}": mint ${name}, ${wanted}`)
  if (kindOf(claim) !== 'an object') throw new ClaimFault(`its ${name} is ${kindOf(claim)}; expected ${wanted}`)
  const grants = Grants.safeParse(claim)
  if (grants.success) return grants.data
  const [issue] = grants.error.issues
  throw new ClaimFault(`its ${name} claim does not fit: ${[name, ...(issue?.path ?? [])].join('.')}: ${issue?.message}`)
}

/**
 * The bounds beside grants, and the grants that are left.
 * @throws {ClaimFault} for one that cannot be kept to
 */
function readBound(
  claim: unknown,
  grants: Grants,
  sub: string,
  jti: string | undefined,
  nbf: number | undefined,
): Pick<Claims, 'grants' | 'bounds' | 'from'> {
  if (claim === undefined || kindOf(claim) !== 'an object') return { grants, bounds: {}, from: undefined }
  const parsed = Bounds.safeParse(claim)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new ClaimFault(`its bounds do not fit: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const bounds = parsed.data
  const { from } = claim as { from?: unknown }
  if (from !== undefined && typeof from !== 'string')
    throw new ClaimFault(`its "from" is ${kindOf(from)}; expected text`)
  if (bounds.uses !== undefined && (!jti || nbf === undefined))
    throw new ClaimFault('it has uses, which are counted by its "jti" since its "nbf": mint both')
  if (bounds.job === undefined) return { grants, bounds, from }
  const fault = linkFault(sub)
  if (fault !== undefined) throw new ClaimFault(`its sub ${fault}`)
  return { grants: { ...noGrants, ns: grants.ns }, bounds, from }
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  const kinds: Readonly<Record<string, string>> = { string: 'text', number: 'a number', boolean: 'true or false' }
  return kinds[typeof value] ?? 'an object'
}

const shown = (seconds: number): string => new Date(seconds * 1000).toISOString()
