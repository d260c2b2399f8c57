/** Sizes as people type them. */
import { InvalidArgumentError } from 'commander'

const units: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }

/**
 * Reads a size that is an option of a command, such as `500MiB` or `1.5GiB`.
 * @returns whole bytes, at least 1
 * @throws {InvalidArgumentError} for anything else, a bare number included
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * assert.equal(asSize('1.5GiB'), 1_610_612_736)
 * ```
 */
export function asSize(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(MiB|GiB|TiB)$/.exec(text.trim()) ?? []
  const bytes = Math.round(Number(number) * (units[unit] ?? Number.NaN))
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes
  throw new InvalidArgumentError(`"${text}" is no size; write a number and a unit, such as 500MiB, 20GiB or 1TiB`)
}
