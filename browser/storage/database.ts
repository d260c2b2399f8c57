/**
 * The database, and one handle to it. A browser closes a handle by itself: when a person clears the site's data, when a
 * newer page wants the database, when its storage restarts; and some go on giving one that is closed. Then another is opened.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import type { JobState, LetGo } from '../../shared/master/mod.ts'

export interface StoredJob {
  readonly master_id: string
  readonly request_id: string
  /** Orders jobs as they were first put. */
  readonly n: number
  readonly job: JobState
}

export interface StoredMaster {
  readonly master_id: string
  /** ms since the epoch. Absent from the record of a key. */
  readonly seen_at?: number
  /** Who is signed in, where that is known. */
  readonly owner?: string
  readonly let_go?: LetGo
  /** In a record of its own, `keyRecordOf`: older versions write the record of their master anew. */
  readonly storage_key?: CryptoKey
}

/** Names the record that has the key of a master. No `master_id` has a blank. */
export const keyRecordOf = (masterId: string): string => `${masterId} key`

interface Schema extends DBSchema {
  jobs: { key: [string, string]; value: StoredJob }
  masters: { key: string; value: StoredMaster }
}

export type Handle = IDBPDatabase<Schema>

/** The version of the database. A browser opens no older one than it has. */
const version = 1

/** Told of the request, not of the handle: another one would say the same. */
const aboutTheWish = ['DataCloneError', 'QuotaExceededError', 'VersionError', 'ConstraintError', 'DataError']

export class Database {
  readonly #name: string
  readonly #clock: Clock
  readonly #openMs: number
  readonly #onOpened: (handle: Handle) => Promise<unknown>
  #handle: Promise<Handle> | undefined
  #isClosed = false

  /**
   * @param openMs how long the browser may take to open it, and for the first request to it
   * @param onOpened called with each new handle before anything else is asked of it: the database may be new, too
   */
  constructor(name: string, clock: Clock, openMs: number, onOpened: (handle: Handle) => Promise<unknown>) {
    this.#name = name
    this.#clock = clock
    this.#openMs = openMs
    this.#onOpened = onOpened
  }

  /**
   * Asks something of the database, once more by another handle where this one may be the reason that it fails.
   * @param run may run twice
   * @throws {DroverError} `storage_failed`
   */
  async use<T>(action: string, run: (handle: Handle) => Promise<T>): Promise<T> {
    const handle = this.#opened()
    try {
      return await run(await handle)
    } catch (error) {
      if (error instanceof DroverError) throw error
      if (!(error instanceof DOMException) || aboutTheWish.includes(error.name)) throw failed(action, error)
      this.#leave(handle)
      try {
        return await run(await this.#opened())
      } catch (again) {
        throw failed(action, again)
      }
    }
  }

  close(): void {
    this.#isClosed = true
    if (this.#handle !== undefined) this.#leave(this.#handle)
  }

  #opened(): Promise<Handle> {
    if (this.#isClosed) return Promise.reject(new DroverError('closed', "This browser's storage was closed"))
    if (this.#handle !== undefined) return this.#handle
    const opening: Promise<Handle> = open(this.#name, this.#clock, this.#openMs, () => this.#leave(opening)).then(
      async handle => {
        try {
          await inTime(this.#clock, this.#onOpened(handle), this.#openMs)
          return handle
        } catch (error) {
          handle.close()
          throw error
        }
      },
    )
    this.#handle = opening
    opening.catch(() => this.#leave(opening))
    return opening
  }

  /** Lets go of a handle: the next that is asked of the database opens another. */
  #leave(handle: Promise<Handle>): void {
    if (this.#handle === handle) this.#handle = undefined
    handle.then(one => one.close()).catch(() => {}) // it was never open
  }
}

async function open(name: string, clock: Clock, withinMs: number, onGone: () => void): Promise<Handle> {
  let why = 'the browser gave no answer'
  let opening: Promise<Handle> | undefined
  try {
    // Where storage is blocked it may throw at once, reject, or never answer.
    opening = openDB<Schema>(name, version, {
      upgrade(db) {
        db.createObjectStore('jobs', { keyPath: ['master_id', 'request_id'] })
        db.createObjectStore('masters', { keyPath: 'master_id' })
      },
      // Another tab holds on to an older or a dying one.
      blocked: () => {
        why = 'another tab of this site holds on to it; close that tab: no answer'
      },
      // A newer version of this page, in another tab, is not kept waiting.
      blocking: (_current, _blocked, event) => {
        ;(event.target as IDBDatabase).close()
        onGone()
      },
      terminated: onGone,
    })
    return await inTime(clock, opening, withinMs, () => why)
  } catch (cause) {
    void opening?.then(late => late.close()).catch(() => {}) // it was never open
    throw failed('open', cause)
  }
}

/**
 * The answer of a browser, if it comes within a time: some never answer.
 * @param why names the reason then
 * @throws as `asked` rejects, or that it took longer
 */
export async function inTime<T>(
  clock: Clock,
  asked: Promise<T>,
  ms: number,
  why: () => string = () => 'the browser gave no answer',
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const stopTimer = clock.timer(ms, () => reject(new Error(`${why()} within ${ms} ms`)))
  try {
    return await Promise.race([asked, late])
  } finally {
    stopTimer()
  }
}

export function failed(action: string, cause: unknown): DroverError {
  if (cause instanceof DroverError) return cause
  const until = action === 'write' ? '; until it can be written, new jobs are not sent' : ''
  return new DroverError('storage_failed', `Cannot ${action} this browser's storage: ${reasonOf(cause)}${until}`, {
    cause,
  })
}

function reasonOf(cause: unknown): string {
  switch (cause instanceof DOMException ? cause.name : '') {
    case 'VersionError':
      return 'a newer version of this page has stored jobs there; reload to get that version, or clear the data of this site to start anew'
    case 'QuotaExceededError':
      return 'it has no room for more; free space on this device, or clear data of sites'
    default:
      return cause instanceof Error ? cause.message : String(cause)
  }
}
