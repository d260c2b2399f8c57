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

/** Writes a duration for people: `85 ms`, `1.2 s`, `3 min 20 s`, `1 h`, `2 d 5 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return joined([minutes, 'min'], [seconds % 60, 's'])
  if (hours < 24) return joined([hours, 'h'], [minutes % 60, 'min'])
  return joined([Math.floor(hours / 24), 'd'], [hours % 24, 'h'])
}

const joined = (...parts: readonly (readonly [number, string])[]): string =>
  parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count} ${unit}`])).join(' ')
