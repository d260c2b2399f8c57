/**
 * The sender's signature inside of a seal: a JWS (RFC 7515) whose header has the same binding. Whoever can open a body could seal it
 * again for another job, and not sign it. A job's attempt is left out of it: the worker that has it tried again is not its sender.
 */
import { DroverError } from '../contract/errors.ts'
import { type Binding, checkBinding, type ExpectedBinding } from './binding.ts'
import type { SealCrypto } from './crypto.ts'
import type { SignatureKey } from './key-set.ts'

const unsigned = <T extends ExpectedBinding>(binding: T): T => {
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
 * @param keyOf the key of that name, where it is known
 * @throws {DroverError} `seal_refused`
 */
export async function readSigned(
  crypto: SealCrypto,
  jws: string,
  expected: ExpectedBinding,
  keyOf: (kid: string) => Promise<SignatureKey | undefined>,
): Promise<Uint8Array> {
  const header = headerOf(jws)
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

function headerOf(jws: string): Readonly<Record<string, unknown>> {
  try {
    const [header = ''] = jws.split('.', 1)
    const found: unknown = JSON.parse(atob(header.replaceAll('-', '+').replaceAll('_', '/')))
    if (typeof found === 'object' && found !== null) return { ...found }
  } catch {
    // told below
  }
  throw new DroverError('seal_refused', 'This body says that it is signed, and holds no JWS')
}
