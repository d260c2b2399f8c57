/**
 * Jobs as lines of text, appended: `{checksum} {JSON}`. A line that a crash tore off is the last one and was never
 * confirmed, so it is left out; any other damage is found by its checksum and said, never guessed around.
 */
import { DroverError } from '../../contract/errors.ts'
import type { JobState } from '../state/job.ts'

export type Entry =
  | { readonly file: 'drover jobs'; readonly v: 1; readonly master_id?: string }
  | { readonly put: JobState }
  | { readonly remove: string }

/** A line, its end included. */
export function encodeLine(entry: Entry): string {
  const json = JSON.stringify(entry)
  return `${checksum(json)} ${json}\n`
}

export interface Lines {
  readonly entries: readonly Entry[]
  /** Whether the last line was torn off and left out. */
  readonly isTorn: boolean
}

/**
 * Reads what was appended.
 * @param path names the file in errors
 * @throws {DroverError} `storage_failed` naming the line that is damaged, or that this is no such file
 */
export function readLines(text: string, path: string): Lines {
  const lines = text.split('\n')
  const isTorn = lines.pop() !== ''
  const entries = lines.map((line, index) => readLine(line, index, path))
  const first = entries[0]
  if (first === undefined && !isTorn) return { entries, isTorn }
  if (first === undefined ? !couldBegin(text) : !('file' in first)) throw notOurs(path)
  return { entries, isTorn }
}

function readLine(line: string, index: number, path: string): Entry {
  const json = line.slice(9)
  if (line[8] === ' ' && line.slice(0, 8) === checksum(json)) return JSON.parse(json) as Entry
  if (index === 0) throw notOurs(path)
  throw new DroverError(
    'storage_failed',
    `The job file ${path} is damaged at line ${index + 1}: its checksum does not fit; restore the file from a copy, or move it away to start with no jobs`,
  )
}

/** Whether a torn first line may have become ours. */
const couldBegin = (text: string) =>
  encodeLine({ file: 'drover jobs', v: 1 }).startsWith(text.slice(0, 8)) || /^[0-9a-f]{0,8}( |$)/.test(text)

function notOurs(path: string): DroverError {
  return new DroverError('storage_failed', `${path} is not a job file of Drover; give the master a path of its own`)
}

/** FNV-1a over UTF-16 code units, as eight hex digits: finds damage, not malice. */
function checksum(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
