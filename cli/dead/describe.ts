/** Dead letters in words. All that stands in them is somebody's text, and made harmless. */
import type { DeadLetter } from 'drover/master'
import { printable, printableJson, shownJson } from '../printable.ts'

/** Said where the broker showed no more. */
export const cutLine = 'The broker showed no more in one reading: there may be others behind these, once these are gone'

/** The text by which a person names a letter to a command: its job's id where that can be typed, else its own. */
const nameOf = ({ request_id, id }: Pick<DeadLetter, 'request_id' | 'id'>): string =>
  request_id !== undefined && /^[!-~]+$/.test(request_id) ? request_id : id

const errorText = ({ code, message }: { readonly code: string; readonly message: string }): string =>
  [printable(code), printable(message)].filter(Boolean).join(': ') || 'an error without words'

/** Of a letter that could not be sent again. */
export const stayLine = (letter: DeadLetter, why: string): string => `${nameOf(letter)} stays: ${printable(why)}`

/** A line for each. */
export function listLines(letters: readonly DeadLetter[]): readonly string[] {
  const tasks = Math.max(4, ...letters.map(({ task = '' }) => task.length))
  return letters.map(letter => {
    const { at, task = '', error, copies, problem, retried } = letter
    const notes = [
      copies > 1 ? `stands there ${copies} times` : '',
      retried === undefined ? '' : `retried${retried.by === undefined ? '' : ` by ${printable(retried.by)}`}`,
      problem === undefined ? '' : 'cannot be sent again',
    ].filter(Boolean)
    const why = error === undefined ? letter.body : errorText(error)
    const tail = notes.length === 0 ? '' : ` (${notes.join(', ')})`
    return `${when(at)}  ${task.padEnd(tasks)}  ${nameOf(letter)}  ${shortText(why)}${tail}`
  })
}

/** All of one. */
export function letterLines(letter: DeadLetter): readonly string[] {
  const { id, request_id, task, error, at, attempt, losses, sender, reply_to, history, problem, copies } = letter
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['request_id', request_id],
    ['letter', copies > 1 ? `${id}, which stands there ${copies} times` : id],
    ['task', task],
    ['given up', when(at)],
    ['error', error === undefined ? undefined : errorText(error)],
    ['attempt', attempt === undefined ? undefined : String(attempt)],
    ['losses', losses === undefined ? undefined : String(losses)],
    ['dispatched by', sender],
    ['answered to', reply_to],
    ['sealed until', letter.sealed_until === undefined ? undefined : when(letter.sealed_until)],
    ['retry', problem === undefined ? 'possible' : problem],
  ]
  return [
    ...facts.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(13)} ${printable(text)}`])),
    ...(history.length === 0 ? ['history       none: an older version, or another program, gave it up'] : ['history']),
    ...history.map(entry => `  ${historyLine(entry)}`),
    ...(letter.sealed ? ['input         sealed'] : []),
    ...(letter.input === undefined ? [] : [`input         ${shownJson(letter.input)}`]),
    ...(task === undefined ? [`body          ${printableJson(letter.body)}`] : []),
  ]
}

function historyLine({ kind, at, attempt, name, worker_id, error, by, count }: DeadLetter['history'][number]): string {
  if (kind === 'earlier') return `${count ?? 0} earlier ones were left out`
  const parts = [
    when(at),
    kind === 'lost' ? 'its worker went away' : kind,
    attempt === undefined ? '' : `attempt ${attempt}`,
    by === undefined ? '' : `by ${by}`,
    name === undefined ? (worker_id ?? '') : `${kind === 'lost' ? 'noticed by' : 'on'} ${name} (${worker_id ?? ''})`,
    error === undefined ? '' : errorText(error),
  ]
  return printable(parts.filter(Boolean).join('  '))
}

function when(at: number | undefined): string {
  const isInstant = at !== undefined && Math.abs(at) < 8.64e15
  return isInstant ? new Date(at).toISOString() : 'no time'.padEnd(24)
}

function shortText(text: string): string {
  const line = printable(text)
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}
