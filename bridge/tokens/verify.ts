/**
 * Proves a token, cheapest first, and so that a stranger learns nothing of it: how it is spelled, who signed it, and only then its
 * claims. RFC 7515 and 7519; design section 4.
 */
import { type CompactVerifyGetKey, compactVerify } from 'jose'
import { DroverError } from '../../shared/contract/errors.ts'
import { encodeOwner } from '../../shared/stomp/destinations.ts'
import type { Identity } from '../identity.ts'
import { readClaims } from './read-claims.ts'
import { algorithm, signingKey } from './signing-key.ts'

/** Whose tokens are believed. A key set takes the place of a secret where keys are published. */
export interface Trust {
  readonly key: Uint8Array | CompactVerifyGetKey
  readonly algorithms: readonly string[]
  /** Required `iss`; absent: anybody who knows the secret. */
  readonly issuer?: string | undefined
}

export type VerifyToken = (token: string) => Promise<Identity>

const maxTokenCharacters = 16_000

/** Trust in anybody who knows a secret. */
export const trustSecret = (secret: string, issuer?: string): Trust => ({
  key: signingKey(secret),
  algorithms: [algorithm],
  issuer,
})

/**
 * Makes the function that verifies tokens.
 * @param now ms since the epoch
 * @returns rejects with `not_authenticated`, saying the fault of the token but nothing of its content
 */
export function createVerifier(trust: Trust, now: () => number): VerifyToken {
  return async token => {
    if (token.length > maxTokenCharacters) throw refused(`it has over ${maxTokenCharacters} characters`)
    const fault = spellingFault(token)
    if (fault !== undefined) throw refused(fault)
    const claims = readClaims(await readSigned(token, trust), { issuer: trust.issuer, now: now() })
    if (typeof claims === 'string') throw refused(claims)
    const { sub, exp, grants } = claims
    return { subject: sub, owner: encodeOwner(sub), grants, isConfiguredUser: false, expiresAt: exp * 1000 }
  }
}

/** The payload of a token, once its signature is found right. */
async function readSigned(token: string, { key, algorithms }: Trust): Promise<string> {
  const options = { algorithms: [...algorithms] }
  try {
    const { payload } =
      typeof key === 'function' ? await compactVerify(token, key, options) : await compactVerify(token, key, options)
    return new TextDecoder('utf-8', { fatal: true }).decode(payload)
  } catch (cause) {
    throw refused(reasonOf(cause), cause)
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  switch (code) {
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return "its signature is not by this bridge's secret"
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return 'it is signed in another way than this bridge accepts'
    default:
      return 'it is not a signed JWT'
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
