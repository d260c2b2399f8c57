/**
 * The keys of identity providers. jose picks one for a token. Its own remote set lets go of all keys when it cannot read them
 * again, so their place is read by `KeySource`, which keeps them.
 */
import { type CompactVerifyGetKey, createLocalJWKSet, errors, type JSONWebKeySet, type JWK } from 'jose'
import { DroverError } from '../../shared/contract/errors.ts'
import { KeySource, type KeySourcePorts, type Keys } from '../../shared/seal/key-source.ts'
import type { IssuerOptions } from './issuer-options.ts'

/** Each token would else have an issuer asked that is away. */
const floorMs = 1_000

/**
 * Finds the key of a token. An unknown `kid` has the keys read again, at most each ten seconds.
 * @returns rejects with `keys_unavailable` where they were never read
 */
export function issuerKeys({ issuer, jwks }: IssuerOptions, ports: KeySourcePorts): CompactVerifyGetKey {
  const source = new KeySource(jwks, readJwks, ports)
  let failure: { readonly error: DroverError; readonly at: number } | undefined
  return async (header, token) => {
    if (failure !== undefined && ports.clock.steady() - failure.at < floorMs) throw failure.error
    try {
      const known = await source.current()
      try {
        return await known(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        const renewed = await source.renewed()
        if (renewed === known) throw error
        return await renewed(header, token)
      }
    } catch (cause) {
      if (!(cause instanceof DroverError)) throw cause
      ports.problem(`No token of ${issuer} can be proved`, cause)
      const found = `The keys of ${issuer} cannot be read now; try again later`
      failure = { error: new DroverError('keys_unavailable', found, { cause }), at: ports.clock.steady() }
      throw failure.error
    }
  }
}

/**
 * Looks at keys once, so that a mistake in them is told before a token comes.
 * @throws {DroverError} `keys_unavailable` or `config_invalid`
 */
export async function checkKeys(keys: Keys, ports: KeySourcePorts): Promise<void> {
  await new KeySource(keys, readJwks, ports).current()
}

const maxKeys = 100

/** Others in the set, such as a shared secret, are not for this. */
const isPublic = ({ kty, d, k }: JWK): boolean =>
  /^(RSA|EC|OKP)$/.test(String(kty)) && d === undefined && k === undefined

/** @param where it was found, for errors. @throws {DroverError} `config_invalid` for a set that proves nothing */
async function readJwks(json: unknown, where: string): Promise<CompactVerifyGetKey> {
  try {
    const { keys } = createLocalJWKSet(json as JSONWebKeySet).jwks()
    if (keys.length === 0 || keys.length > maxKeys)
      throw new Error(`it has ${keys.length} keys; expected 1 to ${maxKeys}`)
    const open = keys.filter(isPublic)
    if (open.length > 0) return createLocalJWKSet({ keys: open })
    throw new Error('none of its keys is the public one of a pair; a private or shared one proves nothing')
  } catch (cause) {
    throw new DroverError('config_invalid', `The keys of ${where} cannot be used: ${(cause as Error).message}`, {
      cause,
    })
  }
}
