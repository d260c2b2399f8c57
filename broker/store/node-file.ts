/** Opens the file of a store for this process alone, in the format that this version writes. */
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { DroverError } from '../../shared/contract/errors.ts'

export type Database = DatabaseSync

/** `Drov`, which marks a file as a store of messages. */
const applicationId = 0x44_72_6f_76
/** Of each format the step that makes it from the one before. Files of every one of them are read, so that none is ever changed. */
export const formats: readonly string[] = [
  `CREATE TABLE entry (
     row INTEGER PRIMARY KEY, place TEXT NOT NULL, sequence INTEGER NOT NULL, due_at INTEGER,
     is_handed_out INTEGER NOT NULL, id TEXT NOT NULL, destination TEXT NOT NULL, owner TEXT NOT NULL,
     payer TEXT NOT NULL, priority INTEGER NOT NULL, expires_at INTEGER, bytes INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE body (row INTEGER PRIMARY KEY, is_plain INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
   CREATE TABLE durable (
     name TEXT PRIMARY KEY, destination TEXT NOT NULL, owner TEXT NOT NULL, dropped_because TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE store (run TEXT NOT NULL) STRICT;`,
]

export interface OpenedFile {
  readonly database: Database
  readonly run: string
  /** Lets others have the file, once the database is closed. */
  close(): void
}

/**
 * Opens a file in the newest format. One of an earlier format is made new as a whole or not at all, and a copy of it as it was is
 * put beside it before: the way back.
 * @param steps the formats; tests have later ones
 * @throws {DroverError} `store_failed`
 */
export function openDatabase(file: string, newId: () => string, steps: readonly string[] = formats): OpenedFile {
  let database: Database | undefined
  try {
    // Messages are nobody else's; SQLite gives its other files the same rights
    closeSync(openSync(file, 'a', 0o600))
    database = new DatabaseSync(file)
    // Exclusive: SQLite's own lock, which ends with the process, keeps others out. No wait, since nobody gives it back soon
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE')
    const format = formatOf(database, file, steps.length)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864')
    if (format > 0 && format < steps.length) copyTo(database, copyName(file, format))
    database.exec('BEGIN IMMEDIATE')
    const run = bringUpToDate(database, { file, format, steps, newId })
    database.exec('COMMIT')
    const holder = `${file}-holder`
    writeFileSync(holder, `${process.pid}\n`)
    return { database, run, close: () => rmSync(holder, { force: true }) }
  } catch (error) {
    database?.close()
    throw error instanceof DroverError ? error : new DroverError('store_failed', whyNot(file, error), { cause: error })
  }
}

/** @returns the one that it is in; 0 for a new file */
function formatOf(database: Database, file: string, newest: number): number {
  const format = numberOf(database, 'user_version')
  const application = numberOf(database, 'application_id')
  const isNew = numberOf(database, 'schema_version') === 0
  if (!isNew && application !== applicationId)
    throw new DroverError('store_failed', `${file} is a database of something else; name another file`)
  if (format <= newest) return format
  const older = Array.from({ length: newest }, (_, at) => copyName(file, newest - at)).find(name => existsSync(name))
  const back = older === undefined ? '' : `. ${older} is a copy of what it held before that version first opened it`
  throw new DroverError(
    'store_failed',
    `${file} was written by a newer Drover, in format ${format}; this one reads up to ${newest}. Start that version, or let it end its jobs first${back}`,
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

interface Upgrade {
  readonly file: string
  readonly format: number
  readonly steps: readonly string[]
  readonly newId: () => string
}

/** @returns the name of the store */
function bringUpToDate(database: Database, { file, format, steps, newId }: Upgrade): string {
  try {
    for (const step of steps.slice(format)) database.exec(step)
  } catch (error) {
    const why = (error as Error).message
    const words = `${file} is in format ${format} and could not be made format ${steps.length}: ${why}. It is as it was; make room, or start the Drover that wrote it`
    throw new DroverError('store_failed', words, { cause: error })
  }
  if (format === 0) database.prepare('INSERT INTO store VALUES (?)').run(newId())
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}`)
  const found = database.prepare('SELECT run FROM store').get()
  if (typeof found?.['run'] !== 'string') throw new Error('it does not say its run')
  return found['run']
}

const numberOf = (database: Database, pragma: string): number =>
  Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0)

/** The sentence for an error of SQLite. */
export function whyNot(file: string, error: unknown): string {
  const { message, errcode } = error as Error & { readonly errcode?: number }
  const kind = (errcode ?? 0) & 0xff
  if (kind === busy || /database is locked/.test(message))
    return `${file} is in use by ${holderOf(file)}; end that first, or name another file`
  if (kind === corrupt || kind === notADatabase || /malformed|not a database/.test(message))
    return `${file} is damaged (${message}); nothing of it was changed. Put a copy of it back, or name another file`
  return `${file} cannot be opened: ${message}`
}

const busy = 5
const corrupt = 11
const notADatabase = 26

function holderOf(file: string): string {
  try {
    return `the process ${readFileSync(`${file}-holder`, 'utf8').trim()}`
  } catch {
    return 'another process'
  }
}
