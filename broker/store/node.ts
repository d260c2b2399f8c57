/**
 * A store in a file of SQLite, by `node:sqlite`, which Node and Deno have. WAL with `synchronous=FULL`: a batch that is written
 * outlives a loss of power. Facts and bytes are in two tables, so that messages that wait are loaded without their bytes.
 */
import { setImmediate } from 'node:timers/promises'
import { DroverError } from '../../shared/contract/errors.ts'
import { keptOf } from '../message.ts'
import { type Database, type OpenedFile, openDatabase, whyNot } from './node-file.ts'
import type { Changes, Disk, KeptDurable, KeptFacts, KeptMessage, KeptRow } from './port.ts'

/**
 * Opens the store in a file, and makes it where it is not there.
 * @param newId names a new one
 * @throws {DroverError} `store_failed`: another process has it, a newer Drover wrote it, it is damaged or no store
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { mkdtemp, rm } from 'node:fs/promises'
 * import { createEmbeddedBroker } from 'drover/broker'
 * import { openStore } from 'drover/broker/store'
 * const folder = await mkdtemp('/tmp/drover-')
 * await using broker = createEmbeddedBroker({ store: openStore(`${folder}/drover.db`) })
 * assert.equal(broker.stats().bytes, 0)
 * await broker.close()
 * await rm(folder, { recursive: true })
 * ```
 */
export function openStore(file: string, newId: () => string = () => crypto.randomUUID()): Disk {
  return new SqliteDisk(file, openDatabase(file, newId))
}

type Row = Record<string, string | number | null | Uint8Array>

class SqliteDisk implements Disk {
  readonly run: string
  readonly #file: string
  readonly #opened: OpenedFile
  readonly #database: Database
  readonly #statements: ReturnType<typeof prepare>

  constructor(file: string, opened: OpenedFile) {
    this.#file = file
    this.#opened = opened
    this.#database = opened.database
    this.run = opened.run
    this.#statements = prepare(opened.database)
  }

  load(): { rows: Iterable<KeptRow>; durables: readonly KeptDurable[] } {
    try {
      return { rows: this.#rows(), durables: this.#durables() }
    } catch (error) {
      throw this.#failed(error)
    }
  }

  #failed(error: unknown): DroverError {
    return new DroverError('store_failed', whyNot(this.#file, error), { cause: error })
  }

  #durables(): KeptDurable[] {
    const durables = this.#database.prepare('SELECT * FROM durable').all() as Row[]
    return durables.map(({ name, destination, owner, dropped_because }) => ({
      name: String(name),
      destination: String(destination),
      owner: String(owner),
      droppedBecause: dropped_because === null ? undefined : String(dropped_because),
    }))
  }

  /** After all that the sockets brought in this turn. */
  async turn(): Promise<void> {
    await setImmediate()
  }

  async write({ added, moved, removed, durables }: Changes): Promise<void> {
    const { begin, commit, rollback, addEntry, addBody, move, removeEntry, removeBody, setDurable, removeDurable } =
      this.#statements
    this.#opened.checkFile()
    try {
      begin.run()
      for (const row of removed) {
        removeEntry.run(row)
        removeBody.run(row)
      }
      for (const { row, place, message, sequence, dueAt = null, isHandedOut } of added.values()) {
        const { id, destination, owner, payer, priority, expiresAt, bytes } = message
        const expires = expiresAt === Number.POSITIVE_INFINITY ? null : expiresAt
        const state = [sequence, dueAt, Number(isHandedOut)] as const
        addEntry.run(row, place, ...state, id, destination.text, owner, payer, priority, expires, bytes)
        const kept = keptOf(message)
        addBody.run(row, Number(kept.isPlain), kept.tail)
      }
      for (const [row, { sequence, dueAt = null, isHandedOut }] of moved)
        move.run(sequence, dueAt, Number(isHandedOut), row)
      for (const [name, durable] of durables) {
        if (durable === undefined) removeDurable.run(name)
        else setDurable.run(name, durable.destination, durable.owner, durable.droppedBecause ?? null)
      }
      commit.run()
    } catch (error) {
      // Some failures have ended it already
      if (this.#database.isTransaction) rollback.run()
      throw error
    }
  }

  read(row: number): KeptMessage {
    let found: Row | undefined
    try {
      found = this.#statements.read.get(row) as Row | undefined
    } catch (error) {
      throw this.#failed(error)
    }
    if (found === undefined || !(found['content'] instanceof Uint8Array))
      throw new Error(`message ${row} is not whole in ${this.#file}, which is damaged`)
    return { ...factsOf(found), content: { tail: found['content'], isPlain: found['is_plain'] === 1 } }
  }

  close(): void {
    this.#opened.close()
  }

  *#rows(): Generator<KeptRow> {
    try {
      for (const found of this.#database.prepare('SELECT * FROM entry ORDER BY row').iterate())
        yield toKeptRow(found as Row)
    } catch (error) {
      throw this.#failed(error)
    }
  }
}

const toKeptRow = (found: Row): KeptRow => ({
  row: Number(found['row']),
  place: String(found['place']),
  sequence: Number(found['sequence']),
  dueAt: found['due_at'] === null ? undefined : Number(found['due_at']),
  isHandedOut: found['is_handed_out'] === 1,
  ...factsOf(found),
})

const factsOf = (found: Row): KeptFacts => ({
  id: String(found['id']),
  destination: String(found['destination']),
  owner: String(found['owner']),
  payer: String(found['payer']),
  priority: Number(found['priority']),
  expiresAt: found['expires_at'] === null ? undefined : Number(found['expires_at']),
  bytes: Number(found['bytes']),
})

// `OR REPLACE`: a batch whose write failed may be there all the same
const prepare = (database: Database) => ({
  begin: database.prepare('BEGIN IMMEDIATE'),
  commit: database.prepare('COMMIT'),
  rollback: database.prepare('ROLLBACK'),
  addEntry: database.prepare('INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
  addBody: database.prepare('INSERT OR REPLACE INTO body VALUES (?, ?, ?)'),
  move: database.prepare('UPDATE entry SET sequence = ?, due_at = ?, is_handed_out = ? WHERE row = ?'),
  removeEntry: database.prepare('DELETE FROM entry WHERE row = ?'),
  removeBody: database.prepare('DELETE FROM body WHERE row = ?'),
  setDurable: database.prepare('INSERT OR REPLACE INTO durable VALUES (?, ?, ?, ?)'),
  removeDurable: database.prepare('DELETE FROM durable WHERE name = ?'),
  read: database.prepare(
    'SELECT entry.*, body.is_plain, body.bytes AS content FROM entry JOIN body USING (row) WHERE entry.row = ?',
  ),
})
