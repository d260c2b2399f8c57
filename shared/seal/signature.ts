/**
 * The sender's signature inside of a seal: a JWS (RFC 7515) whose header has the same binding. Everybody who can open a body could seal
 * it again for another job, and could not sign it. A job's attempt is left out of it: the worker that has it tried again is not its sender.
 */
import { DroverError } from '../contract/errors.ts'
import { type Binding, checkBinding, type ExpectedBinding, type JobBinding } from './binding.ts'
import type { SealCrypto } from './crypto.ts'
import { readHeader } from './header.ts'
import type { SignatureKey } from './key-set.ts'

const unsigned = <T extends ExpectedBinding | JobBinding>(binding: T): T => {
  if (binding.direction !== 'job') return binding
  const { attempt: _, ...signed } = binding
  return signed as T
}

/** A payload with its sender's signature. @param key a private one */
export function signed(crypto: SealCrypto, key: SignatureKey, payload: Uint8Array, binding: Binding): Promise<string> {
  const { kid, alg, signs } = key
  return crypto.sign(payload, { kid, drover: unsigned(binding) }, alg, signs!)
}

/**
 * The payload of a signed body.
 * @param expected of a job with its end, as the seal around the signature has it
 * @param keyOf the key of that name, where it is known
 * @throws {DroverError} `seal_refused`
 */
export async function readSigned(
  crypto: SealCrypto,
  jws: string,
  expected: ExpectedBinding | JobBinding,
  keyOf: (kid: string) => Promise<SignatureKey | undefined>,
): Promise<Uint8Array> {
  const header = readHeader(jws.slice(0, Math.max(0, jws.indexOf('.'))))
  if (header === undefined) throw new DroverError('seal_refused', 'This body says that it is signed, and holds no JWS')
  const { kid, alg } = header
  const key = typeof kid === 'string' ? await keyOf(kid) : undefined
  if (key === undefined || key.alg !== alg) {
    const name = typeof kid === 'string' ? `"${kid.slice(0, 100)}"` : 'no key'
    throw new DroverError('seal_refused', `This body is signed by ${name}, which is not among the keys here`)
  }
  checkBinding(header.drover, unsigned(expected))
  try {
    return await crypto.verify(jws, key.alg, key.verifies)
  } catch (cause) {
    throw new DroverError('seal_refused', `The signature of this body is not by the key "${key.kid}"`, { cause })
  }
}
