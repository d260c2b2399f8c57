/** Levels of log lines, as many languages say them. */
import type { LogLevel } from './reply.ts'

const words: Readonly<Record<LogLevel, readonly string[]>> = {
  debug: ['debug', 'trace', 'verbose', 'silly', 'fine', 'finer', 'finest'],
  info: ['info', 'information', 'informational', 'notice', 'log'],
  warn: ['warn', 'warning'],
  error: ['error', 'err', 'severe', 'critical', 'crit', 'fatal', 'alert', 'emerg', 'emergency', 'panic'],
}
const levels = Object.keys(words) as LogLevel[]

/**
 * The level that another language's comes closest to.
 * @param said a word, in any case; or a number: 0 to 7 as syslog counts (7 is debug), from 10 as Python does (30 is warning)
 * @returns `info` for what is not known
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
  if (Number.isNaN(number)) return levels.find(level => words[level].includes(text)) ?? 'info'
  if (number < 8) return number < 4 ? 'error' : number < 5 ? 'warn' : number < 7 ? 'info' : 'debug'
  return number < 20 ? 'debug' : number < 30 ? 'info' : number < 40 ? 'warn' : 'error'
}
