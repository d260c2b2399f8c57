/**
 * The lines that bridge and worker log, by LogTape: a program that configured it reads them under the category `drover`, and one
 * that did not has no work by them. Not of pages.
 */
import { getLogger, type LogLevel } from '@logtape/logtape'

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  /** For people: one sentence. */
  readonly text: string
  /** For programs, by the names of the wire. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined
}

const levels: Readonly<Record<LogLine['level'], LogLevel>> = { info: 'info', warn: 'warning', error: 'error' }

/** Logs a line. @param event its name */
export type Log = (event: string, line: LogLine) => void

/**
 * Logs under `drover` and a name behind it.
 * @param now ms since the epoch
 * @returns writes a line where somebody reads it
 */
export function createLog(part: 'bridge' | 'worker', now: () => number): Log {
  const category = ['drover', part]
  const logger = getLogger(category)
  return (event, { level: said, text, fields }) => {
    const level = levels[said]
    if (!logger.isEnabledFor(level)) return
    // As it is: a template would read the braces of a text
    const record = {
      category,
      level,
      timestamp: now(),
      message: [text],
      rawMessage: text,
      properties: { event, ...fields },
    }
    logger.emit(record)
  }
}
