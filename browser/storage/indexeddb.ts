/**
 * Jobs in IndexedDB: they survive a reload, a crash of the tab, a closed browser. One database for all masters of an
 * origin, each with its own jobs; those of a master that was not seen for a week are let go of.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { DroverError } from '../../shared/contract/errors.ts'
import type { Changes, JobState, JobStorage, Stored } from '../../shared/master/mod.ts'

interface StoredJob {
  readonly master_id: string
  readonly request_id: string
  /** Orders jobs as they were first put. */
  readonly n: number
  readonly job: JobState
}

interface Schema extends DBSchema {
  jobs: { key: [string, string]; value: StoredJob }
  masters: { key: string; value: { readonly master_id: string; readonly seen_at: number } }
}

export interface IndexedDbOptions {
  /** Whose jobs: no two masters that live at once may share one. */
  readonly masterId: string
  /** Of the database. Default `drover`. */
  readonly name?: string | undefined
  /** ms since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** How long the browser may take to open it. Default 5000: some never answer where storage is blocked. */
  readonly openMs?: number | undefined
}

const weekMs = 7 * 24 * 3_600_000
const everyJobOf = (masterId: string): IDBKeyRange => IDBKeyRange.bound([masterId], [masterId, []])

/**
 * Opens the database.
 * @throws {DroverError} `storage_failed` when the browser does not let this page store anything
 */
export async function openIndexedDb(options: IndexedDbOptions): Promise<JobStorage> {
  const { masterId, name = 'drover', now = Date.now, openMs = 5000 } = options
  let db: IDBPDatabase<Schema> | undefined = await open(name, openMs, () => {
    db = undefined
  })
  const order = new Map<string, number>()
  let next = 0
  const orderOf = (requestId: string): number => {
    const known = order.get(requestId)
    if (known !== undefined) return known
    order.set(requestId, next)
    return next++
  }
  /** The browser may close it by itself, such as when a person clears the site's data. */
  const opened = async (): Promise<IDBPDatabase<Schema>> => {
    db ??= await open(name, openMs, () => {
      db = undefined
    })
    return db
  }

  return {
    load: () =>
      orFail('read', async (): Promise<Stored> => {
        const found = await (await opened()).getAll('jobs', everyJobOf(masterId))
        found.sort((a, b) => a.n - b.n)
        for (const { request_id } of found) orderOf(request_id)
        await forgetOthers(await opened(), masterId, now())
        return { master_id: masterId, jobs: found.map(({ job }) => job) }
      }),
    write: ({ put, remove }: Changes) =>
      orFail('write', async () => {
        const transaction = (await opened()).transaction('jobs', 'readwrite', { durability: 'relaxed' })
        const { store } = transaction
        const steps: Promise<unknown>[] = []
        for (const job of put) {
          const { request_id } = job
          steps.push(store.put({ master_id: masterId, request_id, n: orderOf(request_id), job }))
        }
        for (const id of remove) {
          order.delete(id)
          steps.push(store.delete([masterId, id]))
        }
        await Promise.all([...steps, transaction.done])
      }),
    async close() {
      db?.close()
      db = undefined
    },
  }
}

async function open(name: string, withinMs: number, onGone: () => void): Promise<IDBPDatabase<Schema>> {
  return await orFail('open', async () => {
    let isLate = false
    // Where storage is blocked it may throw at once, reject, or never answer.
    const opening = openDB<Schema>(name, 1, {
      upgrade(db) {
        db.createObjectStore('jobs', { keyPath: ['master_id', 'request_id'] })
        db.createObjectStore('masters', { keyPath: 'master_id' })
      },
      // A newer version of this page, in another tab, is not kept waiting.
      blocking: (_current, _blocked, event) => {
        ;(event.target as IDBDatabase).close()
        onGone()
      },
      terminated: onGone,
    })
    opening.then(db => isLate && db.close()).catch(() => {})
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      isLate = true
      reject(new Error(`the browser gave no answer within ${withinMs} ms`))
    }, withinMs)
    try {
      return await Promise.race([opening, late])
    } finally {
      clearTimeout(timer)
    }
  })
}

/** Notes that this master lives, and lets go of those that were not seen for a week. */
async function forgetOthers(db: IDBPDatabase<Schema>, masterId: string, now: number): Promise<void> {
  const transaction = db.transaction(['jobs', 'masters'], 'readwrite', { durability: 'relaxed' })
  const masters = transaction.objectStore('masters')
  const jobs = transaction.objectStore('jobs')
  await masters.put({ master_id: masterId, seen_at: now })
  for (const { master_id, seen_at } of await masters.getAll()) {
    if (now - seen_at < weekMs) continue
    await masters.delete(master_id)
    await jobs.delete(everyJobOf(master_id))
  }
  await transaction.done
}

async function orFail<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    if (cause instanceof DroverError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new DroverError('storage_failed', `Cannot ${what} this browser's storage: ${why}`, { cause })
  }
}
