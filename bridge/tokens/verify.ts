import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { DroverError } from '../../shared/contract/errors.ts'
import { Grants } from '../../shared/contract/grants.ts'
import { encodeOwner } from '../../shared/stomp/destinations.ts'
import type { Identity } from '../access/identity.ts'
import { algorithm, signingKey } from './claims.ts'
import { spellingFault } from './spelling.ts'

/** Whose tokens are believed. A key set takes the place of a secret where keys are published. */
export interface Trust {
  readonly key: Uint8Array | JWTVerifyGetKey
  readonly algorithms: readonly string[]
  /** Required `iss`; absent: whoever knows the secret. */
  readonly issuer?: string | undefined
}

export type VerifyToken = (token: string) => Promise<Identity>

const maxTokenLength = 16_000
/** Clocks of two servers differ. */
const clockToleranceS = 5
/** An owner stands in destinations, three letters a byte at worst. */
const maxSubjectBytes = 100

/** Trust in whoever knows a secret. */
export const trustSecret = (secret: string, issuer?: string): Trust => ({
  key: signingKey(secret),
  algorithms: [algorithm],
  issuer,
})

/**
 * Makes what verifies tokens.
 * @param now ms since the epoch
 * @returns rejects with `not_authenticated`, saying what is wrong with the token but nothing of what is in it
 */
export function createVerifier(trust: Trust, now: () => number): VerifyToken {
  return async token => {
    if (token.length > maxTokenLength) throw refused(`it has over ${maxTokenLength} characters`)
    const fault = spellingFault(token)
    if (fault !== undefined) throw refused(fault)
    const payload = await readClaims(token, trust, now())
    const { sub, exp = 0 } = payload
    if (typeof sub !== 'string' || sub === '') throw refused('its sub is empty or not text')
    // Written as UTF-8 all halves of surrogate pairs are one, and so would be their owners
    if (!sub.isWellFormed()) throw refused('its sub is not Unicode text')
    if (new TextEncoder().encode(sub).length > maxSubjectBytes) {
      throw refused(`its sub has over ${maxSubjectBytes} bytes`)
    }
    const grants = Grants.safeParse(payload.drover)
    if (!grants.success) {
      const [issue] = grants.error.issues
      throw refused(`its drover claim does not fit: ${['drover', ...(issue?.path ?? [])].join('.')}: ${issue?.message}`)
    }
    return {
      subject: sub,
      owner: encodeOwner(sub),
      grants: grants.data,
      isConfiguredUser: false,
      expiresAt: exp * 1000,
    }
  }
}

async function readClaims(token: string, trust: Trust, now: number): Promise<JWTPayload> {
  const options = {
    algorithms: [...trust.algorithms],
    currentDate: new Date(now),
    clockTolerance: clockToleranceS,
    requiredClaims: ['sub', 'exp', 'drover'],
    ...(trust.issuer === undefined ? {} : { issuer: trust.issuer }),
  }
  try {
    const { payload } =
      typeof trust.key === 'function'
        ? await jwtVerify(token, trust.key, options)
        : await jwtVerify(token, trust.key, options)
    return payload
  } catch (cause) {
    throw refused(reasonOf(cause), cause)
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const claim = cause instanceof Error && 'claim' in cause ? String(cause.claim) : ''
  switch (code) {
    case 'ERR_JWT_EXPIRED':
      return 'it has expired; get a new one'
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return "its signature is not by this bridge's secret"
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return `its claim "${claim}" is missing or not as expected`
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return 'it is signed in another way than this bridge accepts'
    default:
      return 'it is not a signed JWT'
  }
}

const refused = (why: string, cause?: unknown): DroverError =>
  new DroverError('not_authenticated', `The token is refused: ${why}`, cause === undefined ? undefined : { cause })
