/** A line for each key of a file, with its use. */
import type { Jwk } from 'drover/seal'
import { printable } from '../printable.ts'
import { instant, isPrivate, kindOf, sealsFrom, sealsUntil } from './jwk.ts'

/** @param now ms since the epoch @returns a line a key: kid, kind, private or public, and its use with times */
export function describeKeys(keys: readonly Jwk[], now: number): readonly string[] {
  const rows = keys.map(key => [
    printable(String(key.kid ?? '(no kid)').slice(0, 200)),
    kindOf(key)?.label ?? 'other',
    isPrivate(key) ? 'private' : 'public',
    uses(key, now),
  ])
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows.map(row => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '))
}

function uses(key: Jwk, now: number): string {
  const kind = kindOf(key)
  if (kind === undefined) return "left alone: it is none of Drover's"
  if (!kind.seals) return isPrivate(key) ? 'signs' : 'verifies'
  return `${seals(key, now)}; ${isPrivate(key) ? 'opens while it is in the set' : 'does not open'}`
}

function seals(key: Jwk, now: number): string {
  const [from, until] = [sealsFrom(key), sealsUntil(key)]
  if (until <= now) return `sealed until ${instant(until)}`
  const ends = until === Number.POSITIVE_INFINITY ? '' : ` until ${instant(until)}`
  if (from > now) return `seals from ${instant(from)}${ends || ' on'}`
  return `seals${ends}`
}
