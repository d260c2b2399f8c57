/** The log of `serve` and `worker`: LogTape writes all that is logged under `drover`, as text for people or as JSON a line. */
import { configure, getConfig, type LogRecord } from '@logtape/logtape'
import { createOutput, type OutputTarget } from './output.ts'
import { printableJson } from './printable.ts'

export interface LogOptions {
  readonly target: OutputTarget
  readonly env: Readonly<Record<string, string | undefined>>
  /** Stands before each text. */
  readonly name: string
  readonly isJson: boolean
}

/**
 * Has LogTape write the lines under `drover`, from now on. A module of tasks that configured LogTape for itself keeps its
 * sinks and loggers.
 */
export async function startLog(options: LogOptions): Promise<void> {
  const { target } = options
  const asLine = options.isJson ? jsonLine : textLine(options)
  const given = getConfig()
  await configure<string, string>({
    ...given,
    reset: true,
    sinks: { ...given?.sinks, drover: record => void target.write(asLine(record)) },
    loggers: [
      // Or LogTape says at each start that it was configured
      { category: ['logtape', 'meta'], lowestLevel: 'warning', sinks: ['drover'] },
      ...(given?.loggers ?? []).filter(({ category }) => !isOurs([category].flat())),
      { category: 'drover', lowestLevel: 'info', sinks: ['drover'], parentSinks: 'override' },
    ],
  })
}

const isOurs = (category: readonly string[]): boolean =>
  category.join() === 'drover' || category.join() === 'logtape,meta'

const levelOf = ({ level }: LogRecord): 'info' | 'warn' | 'error' =>
  level === 'warning' ? 'warn' : level === 'error' || level === 'fatal' ? 'error' : 'info'

const textOf = ({ message }: LogRecord): string => message.map(String).join('')

/** One JSON object, with `at` in ms since the epoch. */
function jsonLine(record: LogRecord): string {
  const { event = 'note', ...fields } = record.properties
  return `${printableJson({ at: record.timestamp, level: levelOf(record), event, text: textOf(record), ...fields })}\n`
}

/** Its time in UTC, but where journald reads it, which has one of its own; the name; the text. */
function textLine({ target, env, name }: LogOptions): (record: LogRecord) => string {
  let line = ''
  const output = createOutput({
    env,
    nameWidth: name.length,
    target: {
      isTTY: target.isTTY === true,
      write(text) {
        line = text
      },
    },
  })
  return record => {
    output.event(name, textOf(record), levelOf(record))
    return env['JOURNAL_STREAM'] ? line : `${new Date(record.timestamp).toISOString()} ${line}`
  }
}
