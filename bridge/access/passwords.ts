/**
 * Passwords of the bridge's own users: hashed with scrypt off the event loop, compared in constant time, and as slow for
 * a login that does not exist as for one that does. Design section 6.
 */

import { DroverError } from '../../shared/contract/errors.ts'
import { timingSafeEqual } from '../../shared/timing-safe-equal.ts'

/** scrypt of a runtime, and random bytes; not on the event loop's time. */
export interface PasswordPorts {
  scrypt(password: string, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array>
  randomBytes(count: number): Uint8Array
}

export interface ScryptCost {
  /** CPU and memory cost, a power of two. */
  readonly N: number
  readonly r: number
  readonly p: number
}

/** 32 MiB and some 60 ms a try. */
const cost: ScryptCost = { N: 32_768, r: 8, p: 1 }
const saltBytes = 16

/**
 * Hashes a password, for a configuration file.
 * @returns `scrypt$N$r$p$salt$hash`, the last two in base64
 */
export async function hashPassword(password: string, ports: PasswordPorts): Promise<string> {
  const salt = ports.randomBytes(saltBytes)
  const hash = await ports.scrypt(password, salt, cost)
  return `scrypt$${cost.N}$${cost.r}$${cost.p}$${toBase64(salt)}$${toBase64(hash)}`
}

/**
 * Whether a password is the one that was hashed.
 * @throws {DroverError} `config_invalid` when that is no hash of `hashPassword`
 */
export async function isPassword(password: string, hashed: string, ports: PasswordPorts): Promise<boolean> {
  const { salt, hash, cost } = readHash(hashed)
  return timingSafeEqual(await ports.scrypt(password, salt, cost), hash)
}

/** @throws {DroverError} `config_invalid` */
export function readHash(hashed: string): { salt: Uint8Array; hash: Uint8Array; cost: ScryptCost } {
  const found = /^scrypt\$([0-9]{1,8})\$([0-9]{1,3})\$([0-9]{1,3})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/.exec(hashed)
  const [, N, r, p, salt = '', hash = ''] = found ?? []
  try {
    if (found)
      return { salt: fromBase64(salt), hash: fromBase64(hash), cost: { N: Number(N), r: Number(r), p: Number(p) } }
  } catch {
    // told below, with the expected form
  }
  throw new DroverError(
    'config_invalid',
    'A passwordHash is not one; expected scrypt$N$r$p$salt$hash, as `hashPassword` writes it',
  )
}

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), char => char.charCodeAt(0))
