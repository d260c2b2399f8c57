/** A worker's state in a file of SQLite, by `node:sqlite`, which Node and Deno have. A write outlives the process at once. */
import { statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { DroverError } from '../../shared/contract/errors.ts'
import { type Database, openDatabase, whyNot } from '../../shared/node-database.ts'
import type { KeptCancel, KeptJob, StateChanges, StateDisk } from './state-disk.ts'

/** `Drow`, which marks a file as a worker's state. */
const applicationId = 0x44_72_6f_77
/** A later format has a step here that makes it from the one before. */
const steps: readonly string[] = [
  `CREATE TABLE job (
     row INTEGER PRIMARY KEY, is_unsettled INTEGER NOT NULL, kept_at INTEGER NOT NULL, left_ms INTEGER NOT NULL,
     body TEXT NOT NULL, facts TEXT NOT NULL
   ) STRICT;
   CREATE TABLE cancelled (
     row INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, reason TEXT, kept_at INTEGER NOT NULL, left_ms INTEGER NOT NULL
   ) STRICT;`,
  'CREATE TABLE place (one INTEGER PRIMARY KEY CHECK (one = 1), namespace TEXT NOT NULL) STRICT;',
]

/**
 * Opens the state in a file, and makes it where it is not there.
 * @throws {DroverError} `store_failed`: another process has it, a newer Drover wrote it, it is damaged or something else
 */
export function openState(file: string): StateDisk {
  let opened = open(file)
  return {
    file,
    load() {
      try {
        const { place, jobs, cancels } = opened.statements
        const namespace = place.get()?.['namespace'] as string | undefined
        return { namespace, jobs: jobs.all().map(toJob), cancels: cancels.all().map(toCancel) }
      } catch (error) {
        throw new DroverError('store_failed', whyNot(file, error), { cause: error })
      }
    },
    turn: () => setImmediate(),
    write(changes) {
      if (changes.isWhole && statSync(file, { throwIfNoEntry: false }) === undefined) {
        opened.close()
        opened = open(file)
      }
      opened.checkFile()
      if (!opened.database.isOpen) opened = open(file) // its own came back, after a new one could not be made
      write(opened, changes)
    },
    close: () => opened.close(),
  }
}

function open(file: string) {
  const opened = openDatabase(file, {
    applicationId,
    steps,
    outlivesPowerLoss: false,
    wayBack: 'Start that version, or name another file: then jobs that ended before may run again',
  })
  return { ...opened, statements: prepare(opened.database) }
}

function write({ database, statements }: ReturnType<typeof open>, changes: StateChanges): void {
  const { begin, commit, rollback, setPlace, clear, add, settle, remove, cancel, uncancel } = statements
  try {
    begin.run()
    if (changes.namespace !== undefined) setPlace.run(changes.namespace)
    if (changes.isWhole) for (const statement of clear) statement.run()
    for (const row of changes.removed) remove.run(row)
    for (const { row, isUnsettled, keptAt, leftMs, body, facts } of changes.jobs)
      add.run(row, Number(isUnsettled), keptAt, leftMs, body, facts)
    for (const row of changes.settled) settle.run(row)
    for (const { key, reason = null, keptAt, leftMs } of changes.cancels) cancel.run(key, reason, keptAt, leftMs)
    for (const key of changes.uncancelled) uncancel.run(key)
    commit.run()
  } catch (error) {
    // Some failures have ended it already
    if (database.isTransaction) rollback.run()
    throw error
  }
}

type Row = Record<string, unknown>

const toJob = (found: Row): KeptJob => ({
  row: Number(found['row']),
  isUnsettled: found['is_unsettled'] === 1,
  keptAt: Number(found['kept_at']),
  leftMs: Number(found['left_ms']),
  body: String(found['body']),
  facts: String(found['facts']),
})

const toCancel = (found: Row): KeptCancel => ({
  key: String(found['key']),
  reason: found['reason'] === null ? undefined : String(found['reason']),
  keptAt: Number(found['kept_at']),
  leftMs: Number(found['left_ms']),
})

const prepare = (database: Database) => ({
  begin: database.prepare('BEGIN IMMEDIATE'),
  commit: database.prepare('COMMIT'),
  rollback: database.prepare('ROLLBACK'),
  clear: [database.prepare('DELETE FROM job'), database.prepare('DELETE FROM cancelled')],
  add: database.prepare('INSERT OR REPLACE INTO job VALUES (?, ?, ?, ?, ?, ?)'),
  settle: database.prepare('UPDATE job SET is_unsettled = 0 WHERE row = ?'),
  remove: database.prepare('DELETE FROM job WHERE row = ?'),
  cancel: database.prepare('INSERT OR REPLACE INTO cancelled (key, reason, kept_at, left_ms) VALUES (?, ?, ?, ?)'),
  uncancel: database.prepare('DELETE FROM cancelled WHERE key = ?'),
  place: database.prepare('SELECT namespace FROM place'),
  setPlace: database.prepare('INSERT OR REPLACE INTO place VALUES (1, ?)'),
  jobs: database.prepare('SELECT * FROM job ORDER BY row'),
  cancels: database.prepare('SELECT * FROM cancelled ORDER BY row'),
})
