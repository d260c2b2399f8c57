/**
 * The history of a job is a list in its body, to which each worker adds that publishes it again or gives it up. It is for people, and
 * decides nothing, so one that cannot be read counts as none.
 */
import { isObject, numberIn, textIn } from './json-values.ts'

/** One thing that happened. */
export interface HistoryEntry {
  /** `failed`: a run. `lost`: its worker went away. `retried`: by an operator. `earlier`: so many that were left out. */
  readonly kind: string
  /** ms since the epoch, by the clock of the side that wrote it. */
  readonly at?: number | undefined
  readonly attempt?: number | undefined
  /** The worker's stable name. Of a loss: the worker that was handed the job next, since nobody else noticed. */
  readonly name?: string | undefined
  readonly worker_id?: string | undefined
  /** Of a sealed job a placeholder. */
  readonly error?: { readonly code: string; readonly message: string } | undefined
  /** Who asked for a retry. */
  readonly by?: string | undefined
  /** How many were left out. */
  readonly count?: number | undefined
}

/** So many entries are kept, and as many characters: a job grows by no more. */
const maxEntries = 20
const maxCharacters = 4_000
const maxMessage = 300

/** @returns the entries that can be read */
export function readHistory(json: unknown): readonly HistoryEntry[] {
  if (!Array.isArray(json)) return []
  return json.slice(-maxEntries).flatMap(one => {
    const entry = readEntry(one)
    return entry === undefined ? [] : [entry]
  })
}

function readEntry(json: unknown): HistoryEntry | undefined {
  if (!isObject(json)) return undefined
  const kind = textIn(json.kind, 30)
  if (kind === undefined) return undefined
  return {
    kind,
    at: numberIn(json.at),
    attempt: numberIn(json.attempt),
    name: textIn(json.name, 200),
    worker_id: textIn(json.worker_id, 200),
    error: errorIn(json.error),
    by: textIn(json.by, 200),
    count: numberIn(json.count),
  }
}

/** The part of an error that a history keeps. */
export const historyError = ({
  code,
  message,
}: {
  readonly code: string
  readonly message: string
}): HistoryEntry['error'] => ({
  code: code.slice(0, 100),
  message: message.slice(0, maxMessage),
})

/**
 * Adds an entry. The oldest are left out, and counted, so that a job that is passed on for ever stays small.
 * @param json the history as a job has it
 */
export function withEntry(json: unknown, entry: HistoryEntry): readonly HistoryEntry[] {
  const whole = [...readHistory(json), entry]
  const [first] = whole
  let left = first?.kind === 'earlier' ? (first.count ?? 0) : 0
  const kept = first?.kind === 'earlier' ? whole.slice(1) : whole
  const written = (): HistoryEntry[] => (left === 0 ? kept : [{ kind: 'earlier', count: left }, ...kept])
  while (kept.length > 1 && (written().length > maxEntries || JSON.stringify(written()).length > maxCharacters)) {
    kept.shift()
    left++
  }
  return written()
}

function errorIn(json: unknown): HistoryEntry['error'] {
  if (!isObject(json)) return undefined
  return { code: textIn(json.code, 100) ?? '', message: textIn(json.message, maxMessage) ?? '' }
}
