/** Outcomes and data as people read them. */
import type { OutcomeReply } from 'drover/contract'
import type { Outcome } from 'drover/master'
import { formatDuration } from '../../shared/duration.ts'
import { printable, shownJson } from '../printable.ts'

/** Colours a text, or does not. */
export type Paint = (text: string, colour: number) => string
/** The end of a job, or of one worker's part of a broadcast. */
export type Described = Outcome | OutcomeReply

/** @param to the name of the worker that the job is for */
const noWorker = (to: string | undefined): string =>
  to === undefined
    ? 'no worker of this task is there; start one with: drover worker <module>'
    : `no worker of this task was started as ${printable(to)}; start one with: drover worker <module> --name …`

/** Whether a payload is sealed, and its key is not here. */
export const isClosed = (said: object): boolean => 'sealed' in said && said.sealed !== undefined
/** Stands in the place of such a payload. */
export const closed = 'sealed; its key is not here'

/**
 * How it ended, over one or more lines.
 * @param name of the worker, where several answer
 */
export function describeOutcome(
  outcome: Described,
  name: string | undefined,
  paint: Paint,
  isUnclaimed = false,
  to?: string,
): string {
  const row = name === undefined ? '' : `${paint(name, 36)}  `
  switch (outcome.type) {
    case 'result': {
      const took = outcome.took_ms === undefined ? '' : ` in ${formatDuration(outcome.took_ms)}`
      return `${row}${paint('result', 32)}${took}\n${isClosed(outcome) ? `  ${closed}` : describeValue(outcome.output)}`
    }
    case 'error':
      if (isClosed(outcome)) return `${row}${paint('error', 31)} ${closed}`
      return `${row}${paint('error', 31)} ${printable(`${outcome.error.code}: ${outcome.error.message}`)}`
    case 'rejected': {
      const issues = outcome.issues.map(({ path, message }) => `  ${printable(path || 'input')}: ${printable(message)}`)
      const why = isClosed(outcome) ? [`  ${closed}`] : issues
      return [`${row}${paint('rejected', 31)}: the worker does not take this input`, ...why].join('\n')
    }
    case 'cancelled':
      return `${row}${paint('cancelled', 33)}${outcome.reason ? `: ${printable(outcome.reason)}` : ''}`
    case 'timed_out': {
      const timedOut = paint(`timed out after ${formatDuration(outcome.timeout_ms)}`, 31)
      return isUnclaimed ? `${timedOut}: ${noWorker(to)}` : timedOut + describeMissing(outcome.missing, paint)
    }
    case 'no_worker':
      return `${paint('no worker', 31)}: ${noWorker(to)}`
    case 'answered':
      return outcome.missing.length === 0
        ? paint('everyone answered', 32)
        : describeMissing(outcome.missing, paint).trim()
  }
}

function describeMissing(missing: readonly string[] | undefined, paint: Paint): string {
  if (missing === undefined || missing.length === 0) return ''
  return `\n${paint(`no answer from: ${missing.map(printable).join(', ')}`, 31)}`
}

const maxShownText = 200

/** A flat object as a line each, anything else as JSON; long texts, such as pictures, cut. */
function describeValue(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `  ${shorten(value)}`
  const width = Math.max(0, ...Object.keys(value).map(key => printable(key).length))
  return Object.entries(value)
    .map(([key, one]) => `  ${printable(key).padEnd(width)}  ${shorten(one)}`)
    .join('\n')
}

/** Matches and other records on one line. */
export function describePartial(data: unknown): string {
  if (typeof data === 'string') return printable(data)
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return shownJson(data)
  return Object.values(data)
    .map(one => shorten(one))
    .join('  ')
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? printable(value) : shownJson(value)
  return text.length <= maxShownText ? text : `${text.slice(0, 60)}… (${text.length} characters; --json shows all)`
}
