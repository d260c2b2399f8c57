/**
 * The keys of a JWKS (RFC 7517) by their use here. Each opens for as long as it is in the set. From `nbf` to `exp` it seals as
 * well, so that a new key opens everywhere before anybody seals by it.
 */
import { DroverError } from '../contract/errors.ts'
import type { KeyAlgorithm, SealCrypto, SealKey, SignatureAlgorithm } from './crypto.ts'

/** A key as it stands in a JWKS. */
export type Jwk = Readonly<Record<string, unknown>>
export interface JsonWebKeySet {
  readonly keys: readonly Jwk[]
}

export interface EncryptionKey {
  readonly kid: string
  readonly alg: KeyAlgorithm
  /** Absent where the key can only be sealed to. */
  readonly opens?: SealKey | undefined
  readonly seals: SealKey
  /** Between these it seals: ms since the epoch. */
  readonly from: number
  readonly until: number
}

export interface SignatureKey {
  readonly kid: string
  readonly alg: SignatureAlgorithm
  /** Absent where the key can only verify. */
  readonly signs?: SealKey | undefined
  readonly verifies: SealKey
}

const maxKeys = 100
/** Of a key for A256KW. */
const sharedBytes = 32

export class KeySet {
  readonly #encryption: ReadonlyMap<string, EncryptionKey>
  readonly #signature: ReadonlyMap<string, SignatureKey>

  private constructor(encryption: ReadonlyMap<string, EncryptionKey>, signature: ReadonlyMap<string, SignatureKey>) {
    this.#encryption = encryption
    this.#signature = signature
  }

  /**
   * Reads a JWKS. Keys of other kinds than Drover's are left alone: an identity provider has some in its own.
   * @param where it was found, for errors
   * @throws {DroverError} `config_invalid` for a value that is no JWKS, has none of Drover's keys, or a bad one among them
   */
  static async read(json: unknown, where: string, crypto: SealCrypto): Promise<KeySet> {
    const keys = typeof json === 'object' && json !== null && 'keys' in json ? json.keys : undefined
    if (!Array.isArray(keys))
      throw invalid(where, 'it is no JWKS; expected {"keys":[…]}, as `drover keys new` makes it')
    if (keys.length > maxKeys) throw invalid(where, `it has ${keys.length} keys; expected at most ${maxKeys}`)
    const encryption = new Map<string, EncryptionKey>()
    const signature = new Map<string, SignatureKey>()
    for (const jwk of keys as readonly unknown[]) {
      if (typeof jwk !== 'object' || jwk === null) throw invalid(where, 'one of its keys is no object')
      const read = await readKey(jwk as Jwk, where, crypto)
      if (read === undefined) continue
      if (encryption.has(read.kid) || signature.has(read.kid)) {
        throw invalid(where, `two of its keys have the kid "${read.kid}"; give each its own`)
      }
      if ('seals' in read) encryption.set(read.kid, read)
      else signature.set(read.kid, read)
    }
    if (encryption.size === 0) {
      const kinds = 'a key of "alg":"ECDH-ES+A256KW" (EC or X25519) or "A256KW" (oct)'
      throw invalid(where, `none of its keys seals or opens; expected ${kinds}, as \`drover keys new\` makes it`)
    }
    return new KeySet(encryption, signature)
  }

  /** Those that seal now. @param now ms since the epoch */
  sealing(now: number): readonly EncryptionKey[] {
    return [...this.#encryption.values()].filter(({ from, until }) => from <= now && now < until)
  }

  /** The key of that name, where it can open. */
  opening(kid: string): (EncryptionKey & { readonly opens: SealKey }) | undefined {
    const key = this.#encryption.get(kid)
    return key?.opens === undefined ? undefined : { ...key, opens: key.opens }
  }

  /** The key of that name, to seal to at any time. */
  encryption(kid: string): EncryptionKey | undefined {
    return this.#encryption.get(kid)
  }

  /** Those that can open, in the order of the set. */
  get openers(): readonly string[] {
    return [...this.#encryption.values()].filter(({ opens }) => opens !== undefined).map(({ kid }) => kid)
  }

  signature(kid: string): SignatureKey | undefined {
    return this.#signature.get(kid)
  }
}

async function readKey(jwk: Jwk, where: string, crypto: SealCrypto): Promise<EncryptionKey | SignatureKey | undefined> {
  const { kid, kty, crv, alg, use } = jwk
  const sealing = alg === 'ECDH-ES+A256KW' || alg === 'A256KW' ? alg : undefined
  const signing = use === 'sig' && (alg === 'ES256' || alg === 'EdDSA') ? alg : undefined
  if (sealing === undefined && signing === undefined) return undefined
  if (typeof kid !== 'string' || kid === '' || kid.length > 200) {
    throw invalid(where, 'one of its keys has no "kid" of 1 to 200 characters, by which sealed bodies name it')
  }
  if (!fits(jwk)) {
    throw invalid(where, `key "${kid}" has kty ${short(kty)}, crv ${short(crv)}, which do not go with ${alg}`)
  }
  for (const name of ['nbf', 'exp'] as const) {
    if (jwk[name] === undefined || Number.isFinite(jwk[name])) continue
    throw invalid(where, `key "${kid}" cannot be timed: its "${name}" is no number of seconds`)
  }
  const bytes = alg === 'A256KW' && typeof jwk.k === 'string' ? Math.floor((jwk.k.length * 3) / 4) : sharedBytes
  if (bytes !== sharedBytes) throw invalid(where, `key "${kid}" has ${bytes} bytes; expected ${sharedBytes}`)
  try {
    const isPrivate = jwk.d !== undefined || kty === 'oct'
    if (sealing === undefined) return await readSignatureKey(jwk, { kid, alg: signing! }, isPrivate, crypto)
    return await readEncryptionKey(jwk, { kid, alg: sealing }, isPrivate, crypto)
  } catch (cause) {
    throw new DroverError('config_invalid', `Key "${kid}" of ${where} cannot be read: it is damaged`, { cause })
  }
}

/** Tries a private key: not every platform sees that it goes with another public part. */
async function readEncryptionKey(
  jwk: Jwk,
  { kid, alg }: Pick<EncryptionKey, 'kid' | 'alg'>,
  isPrivate: boolean,
  crypto: SealCrypto,
): Promise<EncryptionKey> {
  const seals = await crypto.importKey(jwk, 'seal')
  const times = { from: seconds(jwk.nbf, Number.NEGATIVE_INFINITY), until: seconds(jwk.exp, Number.POSITIVE_INFINITY) }
  if (!isPrivate) return { kid, alg, seals, ...times }
  const opens = await crypto.importKey(jwk, 'open')
  await crypto.decrypt(await crypto.encrypt(nothing, {}, [{ kid, alg, key: seals }]), { kid, alg, key: opens })
  return { kid, alg, seals, opens, ...times }
}

async function readSignatureKey(
  jwk: Jwk,
  { kid, alg }: Pick<SignatureKey, 'kid' | 'alg'>,
  isPrivate: boolean,
  crypto: SealCrypto,
): Promise<SignatureKey> {
  const verifies = await crypto.importKey(jwk, 'verify')
  if (!isPrivate) return { kid, alg, verifies }
  const signs = await crypto.importKey(jwk, 'sign')
  await crypto.verify(await crypto.sign(nothing, {}, alg, signs), alg, verifies)
  return { kid, alg, verifies, signs }
}

const nothing = new Uint8Array(0)

function fits({ kty, crv, alg }: Jwk): boolean {
  if (alg === 'A256KW') return kty === 'oct'
  if (alg === 'ES256') return kty === 'EC' && crv === 'P-256'
  if (alg === 'EdDSA') return kty === 'OKP' && crv === 'Ed25519'
  return kty === 'EC' ? ['P-256', 'P-384', 'P-521'].includes(String(crv)) : kty === 'OKP' && crv === 'X25519'
}

/** A key that was put under a wrong name is not shown. */
const short = (value: unknown): string => {
  return value === undefined ? 'absent' : typeof value === 'string' && value.length <= 20 ? value : 'unknown'
}

const seconds = (value: unknown, absent: number): number => (typeof value === 'number' ? value * 1000 : absent)

const invalid = (where: string, why: string): DroverError =>
  new DroverError('config_invalid', `The keys of ${where} cannot be used: ${why}`)
