/** Sealed jobs: nobody on the way can read them. docs/security.md has the limits of that. */
import { DroverError } from '../contract/errors.ts'
import { joseCrypto } from './jose.ts'
import { Seal, type SealOptions, type SealPorts } from './seal.ts'

export type { Binding, ExpectedBinding, JobBinding, ReplyBinding, StoredBinding } from './binding.ts'
export type { KeyAlgorithm, Recipient, SealCrypto, SealKey, SignatureAlgorithm } from './crypto.ts'
export { recipientsOf } from './header.ts'
export type { JsonWebKeySet, Jwk } from './key-set.ts'
export type { KeySourcePorts, Keys } from './key-source.ts'
export { type KeyKind, newKey, publicKeys } from './new-key.ts'
export type { ReplyJwk, ReplyKey } from './reply-key.ts'
export { type OpenedJob, Seal, type SealOptions, type StorageKey } from './seal.ts'
export { readSealed, type Sealed, type SealedRecipient } from './sealed.ts'

/**
 * A seal on the platform's own cryptography and network.
 * @param ports those that a test or a runtime brings
 * @throws {DroverError} `config_invalid` where a browser has no cryptography
 */
export function createSeal(
  options: SealOptions,
  ports: Pick<SealPorts, 'clock' | 'problem'> & Partial<SealPorts>,
): Seal {
  if (globalThis.crypto?.subtle === undefined) {
    throw new DroverError(
      'config_invalid',
      'This page cannot seal: browsers give Web Crypto to pages of https: and of localhost alone; serve it by HTTPS',
    )
  }
  return new Seal(options, { crypto: options.crypto ?? joseCrypto, fetch: (url, init) => fetch(url, init), ...ports })
}
