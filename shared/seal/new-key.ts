/** New keys for a JWKS, as `drover keys` writes them. */
import { calculateJwkThumbprint, exportJWK, type GenerateKeyPairOptions, generateKeyPair } from 'jose'
import type { JsonWebKeySet, Jwk } from './key-set.ts'

/**
 * `x25519` and `p-256` seal by a public key and open by the private one, `shared` does both by one that master and worker have.
 * `ed25519` signs.
 */
export type KeyKind = 'x25519' | 'p-256' | 'shared' | 'ed25519'

/**
 * Makes a private key. Its `kid` is its thumbprint (RFC 7638), so that nobody can give another the same name unseen.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { newKey, publicKeys } from 'drover/seal'
 * const key = await newKey('x25519')
 * assert.equal(key.alg, 'ECDH-ES+A256KW')
 * assert.equal(publicKeys({ keys: [key] }).keys[0].d, undefined)
 * ```
 */
export async function newKey(kind: KeyKind): Promise<Jwk> {
  const jwk = await material(kind)
  return { kid: await calculateJwkThumbprint(jwk), ...jwk }
}

async function material(kind: KeyKind): Promise<Jwk> {
  if (kind === 'shared') {
    const raw = crypto.getRandomValues(new Uint8Array(32))
    return { ...(await exportJWK(raw)), alg: 'A256KW', use: 'enc' }
  }
  const alg = kind === 'ed25519' ? 'EdDSA' : 'ECDH-ES+A256KW'
  const crv = { x25519: 'X25519', 'p-256': 'P-256', ed25519: 'Ed25519' }[kind]
  const options: GenerateKeyPairOptions = { crv, extractable: true }
  const { privateKey } = await generateKeyPair(alg, options)
  return { ...(await exportJWK(privateKey)), alg, use: kind === 'ed25519' ? 'sig' : 'enc' }
}

/** The members of a key that anybody may know: RFC 7517, section 4, RFC 7518, section 6, and RFC 7519, section 4.1. */
const publicNames: readonly string[] = [
  'kid',
  'kty',
  'alg',
  'use',
  'crv',
  'x',
  'y',
  'n',
  'e',
  'nbf',
  'exp',
  'x5c',
  'x5t#S256',
]

/** The part of a set that may be known to anybody: private parts are gone, and so are keys that have no other. */
export function publicKeys({ keys }: JsonWebKeySet): JsonWebKeySet {
  const open = keys.filter(({ kty }) => kty === 'EC' || kty === 'OKP' || kty === 'RSA')
  return {
    keys: open.map(key => Object.fromEntries(Object.entries(key).filter(([name]) => publicNames.includes(name)))),
  }
}
