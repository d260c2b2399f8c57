/** Durations as people type them. */
import { InvalidArgumentError } from 'commander'
import { UsageError } from './exit.ts'

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Reads a duration.
 * @param text such as `500ms`, `30s`, `1.5m`, `2h`, `7d`
 * @returns whole ms, at least 1
 * @throws {UsageError} for anything else, a bare number included
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * assert.equal(parseDuration('1.5m'), 90_000)
 * ```
 */
export function parseDuration(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? []
  const ms = Math.round(Number(number) * (unitsMs[unit] ?? Number.NaN))
  if (ms >= 1 && Number.isSafeInteger(ms)) return ms
  throw new UsageError(`"${text}" is not a duration; write a number and a unit, such as 500ms, 30s, 5m, 2h or 7d`)
}

/** Reads a duration that is an option of a command. */
export function asDuration(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw error instanceof UsageError ? new InvalidArgumentError(error.message) : error
  }
}
