/** The keys of a `<drover-master>`, by its property and its attribute. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { Keys, SealOptions } from '../../shared/seal/mod.ts'

interface Sealing {
  readonly seal: SealOptions | undefined
  readonly sealKeys: string | undefined
  /** Addresses are read from there. */
  readonly baseURI: string
}

/**
 * @returns `undefined` where jobs travel in the open
 * @throws where `seal-keys` is no address. An empty one is none either: a template that was given no value is to seal all the same
 */
export function sealOf({ seal, sealKeys, baseURI }: Sealing): SealOptions | undefined {
  if (seal !== undefined && seal !== null) return { ...seal, keys: addressed(seal.keys, baseURI) }
  if (sealKeys === undefined || sealKeys === null) return undefined
  if (sealKeys.trim() === '') {
    throw new DroverError('config_invalid', 'seal-keys is empty; expected the address of a JWKS, or no such attribute')
  }
  return { keys: addressed(sealKeys, baseURI) }
}

const addressed = (keys: Keys, base: string): Keys => (typeof keys === 'string' ? new URL(keys, base).href : keys)

/** Frameworks pass a new object at each render; that is no reason to connect anew. */
export const isSameSeal = (one: SealOptions | undefined, other: SealOptions | undefined): boolean =>
  written(one) === written(other)

const written = (seal: SealOptions | undefined): string =>
  JSON.stringify(seal ?? null, (_, value: unknown) => (typeof value === 'function' ? 'function' : value))
