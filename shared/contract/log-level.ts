/** Levels of log lines, as many languages say them. */
import type { LogLevel } from './reply.ts'

const words: Readonly<Record<LogLevel, string>> = {
  debug: 'debug dbug dbg d trace trce trc t verbose v silly fine finer finest config',
  info: 'info information informational inf i notice n log hint success',
  warn: 'warn warning wrn w',
  error: 'error err e severe critical crit c fatal ftl f fail failure alert emerg emergency panic dpanic pnc exception',
}
const levels: ReadonlyMap<string, LogLevel> = new Map(
  (Object.keys(words) as LogLevel[]).flatMap(level => words[level].split(' ').map(word => [word, level])),
)

/**
 * The level that another language's comes closest to.
 * @param said a word or its short form, in any case and with signs around it (`[WARN]`, `ERROR+2`); or a number: 0 to 7 as syslog counts (7 is debug), from 10 as Python does (30 is warning)
 * @returns `info` for an unknown one
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { logLevelOf } from 'drover/contract'
 * assert.deepEqual(['Warning', 'FATAL', 'trace', 40, 7, null].map(logLevelOf), ['warn', 'error', 'debug', 'error', 'debug', 'info'])
 * ```
 */
export function logLevelOf(said: unknown): LogLevel {
  const text = typeof said === 'number' ? String(said) : typeof said === 'string' ? said.trim().toLowerCase() : ''
  const number = text === '' ? Number.NaN : Number(text)
  if (Number.isNaN(number)) return levels.get(/[a-z]+/.exec(text)?.[0] ?? '') ?? 'info'
  if (number < 8) return number < 4 ? 'error' : number < 5 ? 'warn' : number < 7 ? 'info' : 'debug'
  return number < 20 ? 'debug' : number < 30 ? 'info' : number < 40 ? 'warn' : 'error'
}
