/** JOSE and randomness as a port, so that a simulation can replay the values that they gave, in their order. */
import type { Sealed } from './sealed.ts'

/** Both kinds of key encryption that are spoken. No other is, even where a header names one. RFC 7518, section 4. */
export type KeyAlgorithm = 'ECDH-ES+A256KW' | 'A256KW'
export type SignatureAlgorithm = 'ES256' | 'EdDSA'

/** A key as the port holds it. */
export type SealKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

export interface Recipient {
  readonly kid: string
  readonly alg: KeyAlgorithm
  readonly key: SealKey
}

export interface SealCrypto {
  random(bytes: number): Uint8Array
  /**
   * Not extractable where the platform can.
   * @param use `open` needs a private or a common key, `verify` takes the public part
   */
  importKey(jwk: Readonly<Record<string, unknown>>, use: 'seal' | 'open' | 'sign' | 'verify'): Promise<SealKey>
  /** A JWE with A256GCM: flat for one recipient, general for several. */
  encrypt(
    plaintext: Uint8Array,
    header: Readonly<Record<string, unknown>>,
    recipients: readonly Recipient[],
  ): Promise<Sealed>
  /** @param recipient the one that opens it @returns rejects for a body that this key did not seal */
  decrypt(sealed: Sealed, recipient: Recipient): Promise<Uint8Array>
  /** A compact JWS. */
  sign(
    payload: Uint8Array,
    header: Readonly<Record<string, unknown>>,
    alg: SignatureAlgorithm,
    key: SealKey,
  ): Promise<string>
  /** @returns rejects for a text that this key did not sign */
  verify(jws: string, alg: SignatureAlgorithm, key: SealKey): Promise<Uint8Array>
}
