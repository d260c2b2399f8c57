/** The key that replies to one job are sealed by. It travels inside of the sealed job. */
import type { SealCrypto, SealKey } from './crypto.ts'

/** As a JWK of type `oct`. */
export interface ReplyJwk {
  readonly kty: 'oct'
  readonly alg: 'A256KW'
  readonly kid: string
  /** 32 bytes in base64url. */
  readonly k: string
}

/** Ready for use. */
export interface ReplyKey {
  readonly kid: string
  readonly key: SealKey
}

export function newReplyJwk(crypto: SealCrypto): ReplyJwk {
  return { kty: 'oct', alg: 'A256KW', kid: toBase64url(crypto.random(9)), k: toBase64url(crypto.random(32)) }
}

export async function importReplyKey(crypto: SealCrypto, jwk: ReplyJwk): Promise<ReplyKey> {
  return { kid: jwk.kid, key: await crypto.importKey({ ...jwk }, 'open') }
}

export function isReplyJwk(value: unknown): value is ReplyJwk {
  if (typeof value !== 'object' || value === null) return false
  const { kty, alg, kid, k } = value as Record<string, unknown>
  const isNamed = typeof kid === 'string' && kid !== '' && kid.length <= 200
  return kty === 'oct' && alg === 'A256KW' && isNamed && typeof k === 'string' && /^[\w-]{43}$/.test(k)
}

function toBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
