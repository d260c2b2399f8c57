/** Opens a database of SQLite in a file, by `node:sqlite`, which Node and Deno have: for this process alone, in one format. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { DroverError } from './contract/errors.ts'

export type Database = DatabaseSync

export interface DatabaseFormat {
  /** Four letters that mark a file as one of these. */
  readonly applicationId: number
  /** Each makes a format from the one before; the first makes a new file. */
  readonly steps: readonly string[]
  /** Whether a COMMIT outlives a loss of power. Else it outlives the process, and waits for no disk. */
  readonly outlivesPowerLoss: boolean
  /** A sentence for people who have a file of a newer format. */
  readonly wayBack: string
  /** Fills a new file, in the transaction that makes it. */
  fill?(database: Database): void
}

export interface OpenedDatabase {
  readonly database: Database
  /** @throws {Error} where the file is gone or is another: SQLite would go on to write into one that has no name any more */
  checkFile(): void
  /** Closes it, and lets others have the file. Later calls do nothing. */
  close(): void
}

/**
 * Opens a file in the newest format. One of an earlier format is made new as a whole or not at all, and a copy of it as it was is
 * put beside it before: the way back.
 * @throws {DroverError} `store_failed`: another process has it, a newer Drover wrote it, it is damaged or something else
 */
export function openDatabase(file: string, format: DatabaseFormat): OpenedDatabase {
  let database: Database | undefined
  try {
    // It is nobody else's; SQLite gives its other files the same rights. One that is there is not opened by any but SQLite: a
    // close would end the locks of this process
    if (existsSync(file)) checkWritable(file)
    else closeSync(openSync(file, 'a', 0o600))
    // A whole path: `:memory:` and `file:…` are places of other kinds to SQLite
    database = new DatabaseSync(resolve(file))
    // Exclusive: SQLite's own lock, which ends with the process, keeps others out. No wait, since nobody gives it back soon
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE')
    const found = formatOf(database, file, format)
    const synchronous = format.outlivesPowerLoss ? 'FULL' : 'NORMAL'
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA journal_size_limit = 67108864`,
    )
    if (found > 0 && found < format.steps.length) copyTo(database, copyName(file, found))
    database.exec('BEGIN IMMEDIATE')
    if (found < format.steps.length) bringUpToDate(database, file, found, format)
    database.exec('COMMIT')
    const opened = database
    const holder = `${file}-holder`
    sign(holder)
    const identity = identityOf(file)
    return {
      database,
      checkFile() {
        const found = identityOf(file)
        if (found !== identity) throw new Error(found === undefined ? gone : replaced)
      },
      close() {
        if (!opened.isOpen) return
        opened.close()
        rmSync(holder, { force: true })
      },
    }
  } catch (error) {
    database?.close()
    throw error instanceof DroverError ? error : new DroverError('store_failed', whyNot(file, error), { cause: error })
  }
}

const gone = 'the file is gone: somebody deleted or moved it'
const replaced = 'another file is in its place: start this process again, or put its own back'

const identityOf = (file: string): string | undefined => {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev} ${found.ino}`
}

/** SQLite's own words for these say less. */
function checkWritable(file: string): void {
  if (statSync(file).isDirectory()) throw new Error('it is a folder')
  accessSync(file, constants.R_OK | constants.W_OK)
}

/** @returns the one that it is in; 0 for a new file */
function formatOf(database: Database, file: string, { applicationId, steps, wayBack }: DatabaseFormat): number {
  const format = numberOf(database, 'user_version')
  const isNew = numberOf(database, 'schema_version') === 0
  if (!isNew && numberOf(database, 'application_id') !== applicationId)
    throw new DroverError('store_failed', `${file} is a database of something else; name another file`)
  const newest = steps.length
  if (format <= newest) return format
  const older = Array.from({ length: newest }, (_, at) => copyName(file, newest - at)).find(name => existsSync(name))
  const back = older === undefined ? '' : `. ${older} is a copy of what it held before that version first opened it`
  throw new DroverError(
    'store_failed',
    `${file} was written by a newer Drover, in format ${format}; this one reads up to ${newest}. ${wayBack}${back}`,
  )
}

const copyName = (file: string, format: number): string => `${file}-format-${format}`

/** Whole or not there: it is written under another name first. */
function copyTo(database: Database, copy: string): void {
  const made = `${copy}-new`
  rmSync(made, { force: true })
  closeSync(openSync(made, 'wx', 0o600))
  database.prepare('VACUUM INTO ?').run(made)
  renameSync(made, copy)
}

function bringUpToDate(
  database: Database,
  file: string,
  format: number,
  { applicationId, steps, fill }: DatabaseFormat,
): void {
  try {
    for (const step of steps.slice(format)) database.exec(step)
  } catch (error) {
    const why = (error as Error).message
    const words = `${file} is in format ${format} and could not be made format ${steps.length}: ${why}. It is as it was; make room, or start the Drover that wrote it`
    throw new DroverError('store_failed', words, { cause: error })
  }
  if (format === 0) fill?.(database)
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}`)
}

const numberOf = (database: Database, pragma: string): number =>
  Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0)

/** The sentence for an error of SQLite. */
export function whyNot(file: string, error: unknown): string {
  const { message } = error as Error
  const kind = kindOf(error)
  if (kind === busy || /database is locked/.test(message))
    return `${file} is in use by ${holderOf(file)}; end that first, or name another file`
  if (kind === corrupt || kind === notADatabase || /malformed|not a database/.test(message))
    return `${file} is damaged (${message}); nothing of it was changed. Put a copy of it back, or name another file`
  return `${file} cannot be opened: ${message}`
}

const kindOf = (error: unknown): number => ((error as { readonly errcode?: number }).errcode ?? 0) & 0xff

const busy = 5
const corrupt = 11
const notADatabase = 26

function sign(holder: string): void {
  try {
    writeFileSync(holder, `${process.pid}\n`)
  } catch {
    // a full disk: others are told of another process, without its number
    rmSync(holder, { force: true })
  }
}

function holderOf(file: string): string {
  try {
    return `the process ${readFileSync(`${file}-holder`, 'utf8').trim()}`
  } catch {
    return 'another process'
  }
}
