/** The next key of a set: it opens at once, and seals from the moment on at which the one before ends to seal. */
import type { JsonWebKeySet, Jwk, KeyKind } from 'drover/seal'
import { UsageError } from '../exit.ts'
import { instant, isPrivate, kindOf, sealsFrom, sealsUntil } from './jwk.ts'

export interface RotationOptions {
  readonly keys: readonly Jwk[]
  /** ms since the epoch. */
  readonly now: number
  /** Until the new key seals, ms. */
  readonly inMs: number
  /** How long a key stays that seals no more, ms. */
  readonly keepMs: number
  newKey(kind: KeyKind): Promise<Jwk>
}

export interface Rotation extends JsonWebKeySet {
  /** One for each kind that seals now. */
  readonly added: readonly Jwk[]
  /** Those that end to seal then. */
  readonly ended: readonly Jwk[]
  readonly dropped: readonly Jwk[]
  /** ms since the epoch, a whole second. */
  readonly at: number
}

/** @throws {UsageError} when nothing in the set can be rotated, or the next key is there already */
export async function rotated({ keys, now, inMs, keepMs, newKey }: RotationOptions): Promise<Rotation> {
  const at = Math.ceil((now + inMs) / 1000) * 1000
  const current = keys.filter(key => kindOf(key)?.seals === true && sealsFrom(key) <= now && now < sealsUntil(key))
  const kinds = new Set(keysBefore(keys, current, now).map(makes))
  const added = await Promise.all([...kinds].map(async kind => ({ ...(await newKey(kind)), nbf: at / 1000 })))
  const ended = current.map(key => ({ ...key, exp: at / 1000 }))
  const isOver = (key: Jwk): boolean => kindOf(key) !== undefined && sealsUntil(key) < now - keepMs
  const kept = keys.filter(key => !isOver(key)).map(key => ended[current.indexOf(key)] ?? key)
  return { keys: [...kept, ...added], added, ended, dropped: keys.filter(isOver), at }
}

/** The keys that the new ones follow: those that seal now, else the one that did last. */
function keysBefore(keys: readonly Jwk[], current: readonly Jwk[], now: number): readonly Jwk[] {
  const sealing = keys.filter(key => kindOf(key)?.seals === true)
  const next = sealing.find(key => sealsFrom(key) > now)
  if (next !== undefined) {
    const from = instant(sealsFrom(next))
    throw new UsageError(`The next key is there already: ${String(next.kid)} seals from ${from} on. Rotate after that`)
  }
  if (current.length > 0) return current
  const [last] = sealing.toSorted((one, other) => sealsUntil(other) - sealsUntil(one))
  if (last !== undefined) return [last]
  throw new UsageError('No key of this file seals, so there is none to rotate; make one by `drover keys new`')
}

function makes(key: Jwk): KeyKind {
  const kind = kindOf(key)?.makes
  if (kind === undefined) {
    throw new UsageError(`The key ${String(key.kid)} is of ${String(key.crv)}; drover makes keys of X25519 and P-256`)
  }
  if (isPrivate(key)) return kind
  throw new UsageError(
    `Of the key ${String(key.kid)} only the public part is in this file; rotate the file with the private keys`,
  )
}
