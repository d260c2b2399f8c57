/** A key of a JWKS in the words of the command line. */
import type { Jwk, KeyKind } from 'drover/seal'

interface Kind {
  readonly label: string
  /** The kind to make more of it; absent for the kinds that `drover keys new` does not make. */
  readonly makes?: KeyKind
  /** Otherwise it signs. */
  readonly seals: boolean
}

/** Absent for a key that is not Drover's. */
export function kindOf({ alg, crv, use }: Jwk): Kind | undefined {
  if (alg === 'A256KW') return { label: 'shared', makes: 'shared', seals: true }
  if (alg === 'ECDH-ES+A256KW') {
    const label = String(crv).toLowerCase()
    return label === 'x25519' || label === 'p-256' ? { label, makes: label, seals: true } : { label, seals: true }
  }
  if (use !== 'sig') return undefined
  if (alg === 'EdDSA') return { label: 'ed25519', makes: 'ed25519', seals: false }
  return alg === 'ES256' ? { label: 'es256', seals: false } : undefined
}

/** Whether its private part is there. A shared key has no other. */
export const isPrivate = ({ kty, d }: Jwk): boolean => kty === 'oct' || d !== undefined

/** ms since the epoch. */
export const sealsFrom = ({ nbf }: Jwk): number => (typeof nbf === 'number' ? nbf * 1000 : Number.NEGATIVE_INFINITY)
/** ms since the epoch. */
export const sealsUntil = ({ exp }: Jwk): number => (typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY)

/** In UTC, to the second. */
export function instant(at: number): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return `${at / 1000} s after 1970`
  return `${date.toISOString().slice(0, 19).replace('T', ' ')}Z`
}
