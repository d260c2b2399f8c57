/**
 * Proves a token, cheapest first, and so that a stranger learns nothing of it: how it is spelled, who signed it, and only then its
 * claims. RFC 7515 and 7519; design section 4.
 */
import {
  type CompactVerifyGetKey,
  type CompactVerifyResult,
  compactVerify,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type VerifyOptions,
} from 'jose'
import { DroverError } from '../../shared/contract/errors.ts'
import { createMac } from '../grants/mac.ts'
import type { Mac } from '../grants/passes.ts'
import type { Identity } from '../identity.ts'
import { boundNames, checkOrigin, isBound, ownerOf } from './bounds.ts'
import type { IssuerOptions } from './issuer-options.ts'
import { boundsAt, mappedGrants, mappedOwner } from './mapped-claims.ts'
import { readOwn } from './own-signature.ts'
import { type ClaimsExpected, readClaims, readGrants, readSubject } from './read-claims.ts'
import { algorithm, type Secrets, secretsOf, signingKey } from './signing-key.ts'

/** Whose tokens are believed. */
export interface Trust extends ClaimsExpected {
  /** Some that are tried in turn, or the way to the one that a token names. */
  readonly key: readonly Uint8Array[] | CompactVerifyGetKey
  /** By secrets of the bridge's own: most tokens are proved by these alone. */
  readonly macs?: readonly Mac[]
  readonly algorithms: readonly string[]
  /** Behind "its signature is not by". */
  readonly signer: string
}

/** @param origin of the page that a token comes from, where it is one */
export type VerifyToken = (token: string, origin: string | undefined) => Promise<Identity>

const maxTokenCharacters = 16_000

/**
 * Trust in anybody who knows a secret.
 * @param macOf makes HMACs
 * @throws {DroverError} `config_invalid` for one that is too short
 */
export const trustSecret = (secret: Secrets, issuer?: string, macOf: typeof createMac = createMac): Trust => ({
  key: secretsOf(secret).map(signingKey),
  macs: secretsOf(secret).map(one => macOf(one)),
  algorithms: [algorithm],
  signer: "this bridge's secret",
  issuer,
  earlyS: 60,
  lateS: 5,
  subjectOf: readSubject,
  grantsOf: ({ drover }) => readGrants(drover, 'drover'),
  boundsAt: ({ drover }) => drover,
})

/** Trust in an identity provider. @param key finds its keys */
export function trustIssuer(options: IssuerOptions, key: CompactVerifyGetKey): Trust {
  const { issuer, algorithms = ['RS256'], audience, audienceClaim: at = 'aud', toleranceMs = 60_000 } = options
  return {
    key,
    algorithms,
    signer: `a key of ${issuer}`,
    issuer,
    audience: { at, oneOf: typeof audience === 'string' ? [audience] : audience },
    earlyS: toleranceMs / 1000,
    lateS: toleranceMs / 1000,
    subjectOf: claims => mappedOwner(claims, options),
    grantsOf: claims => mappedGrants(claims, options),
    boundsAt: claims => boundsAt(claims, options),
  }
}

/**
 * Makes the function that verifies tokens.
 * @param own tokens of the bridge's own secret
 * @param issuers tokens of identity providers. The `iss` of a token chooses among them, and then no other key counts for it
 * @param now ms since the epoch
 * @param isRevoked whether one counts no longer before its end
 * @returns rejects with `not_authenticated`, saying the fault of the token but nothing of its content; with `keys_unavailable`
 * while an issuer's keys were never read; with `forbidden` where it is for pages of other origins
 */
export function createVerifier(
  own: Trust,
  now: () => number,
  issuers: readonly Trust[] = [],
  isRevoked: (identity: Identity) => boolean = () => false,
): VerifyToken {
  return async (token, origin) => {
    if (token.length > maxTokenCharacters) throw refused(`it has over ${maxTokenCharacters} characters`)
    const fault = spellingFault(token)
    if (fault !== undefined) throw refused(fault)
    const issuer = issuers.length === 0 ? undefined : claimedIssuer(token)
    const provider = issuers.find(one => one.issuer === issuer)
    const trust = provider ?? own
    const { payload, secret } = await readSigned(token, trust)
    const claims = readClaims(payload, trust, now())
    if (typeof claims === 'string') throw refused(claims)
    const { sub, exp, iat, nbf, jti, grants, bounds } = claims
    const from = provider === undefined ? claims.from : provider.issuer
    if (from !== undefined && !issuers.some(one => one.issuer === from)) {
      throw refused('it comes from a token of an identity provider that this bridge does not trust')
    }
    const lateMs = trust === own ? 0 : trust.lateS * 1000
    const identity: Identity = {
      subject: sub,
      owner: ownerOf(sub, bounds),
      grants,
      isConfiguredUser: false,
      expiresAt: exp * 1000 + lateMs,
      token: { jti, issuedAt: inMs(iat), notBefore: inMs(nbf), secret, from },
      ...(isBound(bounds) ? { bounds } : {}),
    }
    if (isRevoked(identity)) throw refused('it was revoked; get a new one')
    checkOrigin(bounds, origin)
    return identity
  }
}

const inMs = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : seconds * 1000)

/** Who a token says that it is by, which nobody has proved yet. */
function claimedIssuer(token: string): unknown {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined // its fault is told once its signature is right
  }
}

/** The payload of a token, once its signature is found right, and which of several secrets it is by. */
async function readSigned(
  token: string,
  { key, macs, algorithms, signer }: Trust,
): Promise<{ readonly payload: string; readonly secret: number }> {
  const own = macs && readOwn(token, macs)
  if (own !== undefined) return { payload: textOf(own.payload), secret: own.secret }
  const options = { algorithms: [...algorithms], crit: { drover: true } }
  let signed: CompactVerifyResult
  let secret = 0
  try {
    if (typeof key === 'function') signed = await verifyByNamed(token, key, options)
    else ({ signed, secret } = await verifyByAny(token, key, options))
  } catch (cause) {
    if (cause instanceof DroverError) throw cause
    throw refused(reasonOf(cause, signer), cause)
  }
  checkCritical(signed.protectedHeader)
  return { payload: textOf(signed.payload), secret }
}

function textOf(payload: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload)
  } catch (cause) {
    throw refused('its payload is not UTF-8', cause)
  }
}

/** Bounds that it has to keep to, by name: one that this bridge does not know would be no bound. */
function checkCritical({ crit, drover }: CompactVerifyResult['protectedHeader']): void {
  if (crit === undefined || (Array.isArray(drover) && drover.every(name => boundNames.includes(name)))) return
  throw refused('its header names bounds that this bridge does not know; upgrade the bridge, or get one without them')
}

/** Some providers have several keys of one `kid`, such as one twice. */
const maxOfKid = 4

/** Without a `kid` all keys of an issuer would have to be tried, for anybody. */
async function verifyByNamed(
  token: string,
  key: CompactVerifyGetKey,
  options: VerifyOptions,
): Promise<CompactVerifyResult> {
  try {
    return await compactVerify(token, key, options)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys) || typeof decodeProtectedHeader(token).kid !== 'string')
      throw error
    let tried = 0
    let last: unknown
    for await (const one of error) {
      if (tried++ === maxOfKid) break
      try {
        return await compactVerify(token, one, options)
      } catch (cause) {
        last = cause
      }
    }
    throw last
  }
}

/** The error is that of the last key. */
async function verifyByAny(
  token: string,
  keys: readonly Uint8Array[],
  options: VerifyOptions,
  secret: number = 0,
): Promise<{ readonly signed: CompactVerifyResult; readonly secret: number }> {
  try {
    return { signed: await compactVerify(token, keys[secret]!, options), secret }
  } catch (error) {
    if (secret + 1 >= keys.length || !(error instanceof errors.JWSSignatureVerificationFailed)) throw error
    return await verifyByAny(token, keys, options, secret + 1)
  }
}

function reasonOf(cause: unknown, signer: string): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  switch (code) {
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return `its signature is not by ${signer}`
    case 'ERR_JWKS_MULTIPLE_MATCHING_KEYS':
      return 'it has no "kid", and several keys of its issuer could be meant'
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return 'it is signed in another way than this bridge accepts'
    default:
      // The key itself, which the token only names: too short, or not whole
      return cause instanceof errors.JOSEError
        ? 'it is not a signed JWT'
        : `the key of it, as ${signer} has it, cannot be used`
  }
}

const refused = (why: string, cause?: unknown): DroverError =>
  new DroverError('not_authenticated', `The token is refused: ${why}`, cause === undefined ? undefined : { cause })

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * The fault of a token's spelling. There is one right spelling alone, so that nobody has two texts that are the same token. RFC
 * 7515, sections 2 and 3. It is three parts in base64url with a dot between, and nothing else. Decoders let more pass: padding,
 * white space, and bits behind the last whole byte.
 * @returns `undefined` without a fault
 */
function spellingFault(token: string): string | undefined {
  const parts = token.split('.')
  if (parts.length !== 3)
    return `it has ${parts.length} ${parts.length === 1 ? 'part' : 'parts'}; expected a JWT: three parts with a dot between`
  if (parts.includes('')) return 'one of its three parts is empty; expected a signed JWT'
  if (!/^[\w.-]+$/.test(token))
    return 'it has a character besides A-Z, a-z, 0-9, "-", "_" and "."; give it whole, as it was minted'
  return parts.every(isWholeBytes)
    ? undefined
    : 'one of its parts is not base64url of whole bytes; give it whole, as it was minted'
}

/** Six bits a letter: of the last one, those that no byte has are 0. */
function isWholeBytes(part: string): boolean {
  const spareBits = (part.length * 6) % 8
  return spareBits < 6 && letters.indexOf(part.at(-1) ?? '') % 2 ** spareBits === 0
}
