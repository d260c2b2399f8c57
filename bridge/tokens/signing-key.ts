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

/** A secret, or several: the first signs, and the proofs of each are taken. So they rotate. */
export type Secrets = string | readonly string[]

/**
 * The secrets, the one that signs first.
 * @throws {DroverError} `config_invalid` without any, and for one that is too short
 */
export function secretsOf(given: Secrets): readonly [string, ...string[]] {
  const [first, ...others] = typeof given === 'string' ? [given] : given
  if (first === undefined) throw new DroverError('config_invalid', 'secret is an empty list; expected one at least')
  const all = [first, ...others] as const
  for (const one of all) signingKey(one)
  return all
}
