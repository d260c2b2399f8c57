/** JOSE and randomness as a port, so that a simulation can replay what they gave and the order in which it was there. */
import type { Sealed } from './sealed.ts'

/** Both kinds of key encryption that are spoken. Nothing else is, whatever a header says. RFC 7518, section 4. */
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
  /** @param recipient which of several it is opened by @returns rejects when it is not what that key sealed */
  decrypt(sealed: Sealed, recipient: Recipient): Promise<Uint8Array>
  /** A compact JWS. */
  sign(
    payload: Uint8Array,
    header: Readonly<Record<string, unknown>>,
    alg: SignatureAlgorithm,
    key: SealKey,
  ): Promise<string>
  /** @returns rejects when it is not what that key signed */
  verify(jws: string, alg: SignatureAlgorithm, key: SealKey): Promise<Uint8Array>
}
