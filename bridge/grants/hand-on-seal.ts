/**
 * The keys that a bridge hands on: each session of a person who signed in with a password or a cookie learns them by
 * `drover-grants`. A token has its own, or none. Design section 4.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { SealGrant } from '../../shared/contract/seal-grant.ts'
import type { Identity } from '../identity.ts'

/** The keys at hand, or a function that is asked for them at each sign-in. */
export type BridgeSeal = SealGrant | (() => SealGrant)
/** Gives an identity the bridge's keys, unless its grants have some. */
export type HandOnSeal = (identity: Identity) => Identity

/** @throws {DroverError} `config_invalid` for anything but public keys; then, and from the function that it returns */
export function createHandOnSeal(seal: BridgeSeal | undefined): HandOnSeal {
  if (seal === undefined) return identity => identity
  const current = (): SealGrant => checked(typeof seal === 'function' ? seal() : seal)
  current()
  return identity => {
    const { grants } = identity
    return grants.seal === undefined ? { ...identity, grants: { ...grants, seal: current() } } : identity
  }
}

function checked(seal: unknown): SealGrant {
  const parsed = SealGrant.safeParse(seal)
  if (parsed.success) return parsed.data
  throw new DroverError('config_invalid', `The keys to hand on cannot be used: ${parsed.error.issues[0]?.message}`)
}
