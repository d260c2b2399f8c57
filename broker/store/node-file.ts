/** Opens the file of a store for this process alone, in the format that this version writes. */
import { DroverError } from '../../shared/contract/errors.ts'
import { type Database, type OpenedDatabase, openDatabase as open, whyNot } from '../../shared/node-database.ts'

export { type Database, whyNot }

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

export interface OpenedFile extends OpenedDatabase {
  readonly run: string
}

/**
 * @param steps the formats; tests have later ones
 * @throws {DroverError} `store_failed`
 */
export function openDatabase(file: string, newId: () => string, steps: readonly string[] = formats): OpenedFile {
  const opened = open(file, {
    applicationId,
    steps,
    outlivesPowerLoss: true,
    wayBack: 'Start that version, or let it end its jobs first',
    fill: database => void database.prepare('INSERT INTO store VALUES (?)').run(newId()),
  })
  try {
    const found = opened.database.prepare('SELECT run FROM store').get()
    if (typeof found?.['run'] !== 'string') throw new Error('it does not say its run')
    return { ...opened, run: found['run'] }
  } catch (error) {
    opened.close()
    throw new DroverError('store_failed', whyNot(file, error), { cause: error })
  }
}
