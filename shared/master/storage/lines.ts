/**
 * Jobs as lines of text, appended: `{checksum} {JSON}`. A line that a crash tore off is the last one and was never
 * confirmed, so it is left out; any other damage is found by its checksum and said, never guessed around.
 */
import { DroverError } from '../../contract/errors.ts'
import type { LetGo } from '../jobs/ended.ts'
import type { JobState } from '../jobs/state/job.ts'

/** The version of the format; a file without one has this. Fields may be added to it, which older readers leave out. */
const version = 1

export interface Head {
  readonly file: 'drover jobs'
  readonly v?: number
  readonly master_id?: string
  readonly let_go?: LetGo
}

export type Entry = Head | { readonly put: JobState } | { readonly remove: string }

export const headOf = (more: Pick<Head, 'master_id' | 'let_go'>): Head => ({ file: 'drover jobs', v: version, ...more })

/** A line, its end included. */
export function encodeLine(entry: Entry): string {
  const json = JSON.stringify(entry)
  return `${checksum(json)} ${json}\n`
}

/** A line whose checksum fits. */
export interface StoredLine {
  /** From 1. */
  readonly n: number
  /** As it stands, its end included. */
  readonly text: string
  /** Its JSON, parsed; `undefined` where it has none. */
  readonly entry: unknown
}

export interface Lines {
  readonly lines: readonly StoredLine[]
  /** Whether the last line was torn off and left out. */
  readonly isTorn: boolean
}

/**
 * Reads the lines that were appended.
 * @param path names the file in errors
 * @throws {DroverError} `storage_failed` naming the line that is damaged, or saying that this is no such file, or one of
 * a newer version
 */
export function readLines(text: string, path: string): Lines {
  const texts = text.split('\n')
  const isTorn = texts.pop() !== ''
  const lines = texts.map((line, index) => readLine(line, index, path))
  if (lines.length === 0 && isTorn && !couldBegin(text)) throw notOurs(path)
  if (lines[0] !== undefined && !isHead(lines[0].entry)) throw notOurs(path)
  for (const { entry, n } of lines) if (isHead(entry)) checkVersion(entry, n, path)
  return { lines, isTorn }
}

export function isHead(entry: unknown): entry is Head {
  return typeof entry === 'object' && entry !== null && 'file' in entry && entry.file === 'drover jobs'
}

function checkVersion({ v = version }: Head, n: number, path: string): void {
  if (v === version) return
  throw new DroverError(
    'storage_failed',
    `The job file ${path} is of version ${JSON.stringify(v)} (line ${n}), and this Drover reads version ${version}: go back to the Drover that wrote it, or give this master a path of its own; the file stays as it is`,
  )
}

function readLine(line: string, index: number, path: string): StoredLine {
  const json = line.slice(9)
  if (line[8] === ' ' && line.slice(0, 8) === checksum(json)) {
    return { n: index + 1, text: `${line}\n`, entry: parsed(json) }
  }
  if (index === 0) throw notOurs(path)
  throw new DroverError(
    'storage_failed',
    `The job file ${path} is damaged at line ${index + 1}: its checksum does not fit; restore the file from a copy, or move it away to start with no jobs`,
  )
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** Whether a torn first line may have become ours. */
const couldBegin = (text: string) =>
  encodeLine(headOf({})).startsWith(text.slice(0, 8)) || /^[0-9a-f]{0,8}( |$)/.test(text)

function notOurs(path: string): DroverError {
  return new DroverError('storage_failed', `${path} is not a job file of Drover; give the master a path of its own`)
}

/** FNV-1a over UTF-16 code units, as eight hex digits: finds damage, not malice. */
function checksum(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
