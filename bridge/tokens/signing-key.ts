/** The key that signs tokens: one algorithm, and a secret that is long enough for it. Design section 4. */
import { DroverError } from '../../shared/contract/errors.ts'

/** The one algorithm of shared secrets. It is chosen here, never by a token. */
export const algorithm = 'HS256'

/** A secret shorter than the hash is weaker than it. */
export const minSecretBytes = 32

/**
 * The signing key of a secret.
 * @param secret at least 32 bytes
 * @throws {DroverError} `config_invalid`
 */
export function signingKey(secret: string): Uint8Array {
  const key = new TextEncoder().encode(secret)
  if (key.length >= minSecretBytes) return key
  throw new DroverError(
    'config_invalid',
    `The token secret has ${key.length} bytes; expected at least ${minSecretBytes}, such as from \`openssl rand -base64 32\``,
  )
}
