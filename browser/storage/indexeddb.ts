/**
 * Jobs in IndexedDB: they survive a reload, a crash of the tab, a closed browser. One database for all masters of an
 * origin, each with its own jobs; those of a master that was not seen for a week are let go of.
 */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import {
  checkDepth,
  type JobState,
  type JobStorage,
  type LetGo,
  type Stored,
  storeApart,
  type Unread,
  type Unstored,
  whyUnreadable,
} from '../../shared/master/mod.ts'
import { Database, failed, type Handle, inTime, type StoredJob, type StoredMaster } from './database.ts'
import { followErasing } from './erasing.ts'
import { everyJobOf, forgetMasters, forgetOthers } from './masters.ts'
import { storageKeyIn } from './storage-key.ts'

export interface IndexedDbOptions {
  /** Whose jobs: no two masters that live at once may share one. */
  readonly masterId: string
  /** The person who is signed in: `erase` then takes the jobs of all masters of the same owner. Default: this master's alone. */
  readonly owner?: string | undefined
  /** Of the database. Default `drover`. */
  readonly name?: string | undefined
  readonly clock: Clock
  /** How long the browser may take to open it, to give its content, and to erase it. Default 5000: some never answer. */
  readonly openMs?: number | undefined
}

/**
 * Opens the database and reads it: one that opens and gives nothing is as one that does not open. Without room for more
 * it opens, since its jobs can be shown; the next write tells of it.
 * @throws {DroverError} `storage_failed` when the browser does not let this page store anything
 */
export async function openIndexedDb(options: IndexedDbOptions): Promise<JobStorage> {
  const { masterId, owner, clock, name = 'drover', openMs = 5000 } = options
  let letGo: LetGo | undefined
  let isErased = false
  const noteMaster = async (handle: Handle): Promise<void> => {
    if (isErased) return
    // Fields of a newer version stay
    const known = await handle.get('masters', masterId)
    const master = {
      ...known,
      master_id: masterId,
      seen_at: clock.now(),
      ...(owner === undefined ? {} : { owner }),
      ...(letGo === undefined ? {} : { let_go: letGo }),
    }
    await handle.put('masters', master).catch(error => isOfRoom(error) || Promise.reject(error))
  }
  const database = new Database(name, clock, openMs, noteMaster)
  const order = new Map<string, number>()
  let next = 0
  const orderOf = (requestId: string): number => {
    const known = order.get(requestId)
    if (known !== undefined) return known
    order.set(requestId, next)
    return next++
  }
  const erased = followErasing(name, owner, () => {
    isErased = true
    void database.use('erase', handle => forgetMasters(handle, one => one.master_id === masterId)).catch(() => {})
  })

  const put = (jobs: readonly JobState[]): Promise<void> =>
    database.use('write', async handle => {
      const transaction = handle.transaction('jobs', 'readwrite', { durability: 'relaxed' })
      const steps: Promise<unknown>[] = [transaction.done]
      try {
        for (const job of jobs) {
          const { request_id } = job
          steps.push(transaction.store.put({ master_id: masterId, request_id, n: orderOf(request_id), job }))
        }
        await Promise.all(steps)
      } catch (error) {
        for (const step of steps) step.catch(() => {}) // the first failure tells of it
        abort(transaction)
        throw error
      }
    })

  const read = async (): Promise<Stored> => {
    const found = await readJobs(database, masterId)
    found.jobs.sort((a, b) => a.n - b.n)
    const jobs: JobState[] = []
    const unread: Unread[] = [...found.unread]
    for (const { request_id, job } of found.jobs) {
      orderOf(request_id)
      const reason = whyUnreadable(job)
      if (reason === undefined) jobs.push(job)
      else unread.push({ where, request_id, reason })
    }
    const master = await database.use('read', handle => handle.get('masters', masterId))
    letGo = master?.let_go
    return {
      master_id: masterId,
      jobs,
      ...(letGo === undefined ? {} : { let_go: letGo }),
      ...(unread.length === 0 ? {} : { unread }),
    }
  }
  const close = (): void => {
    erased.stop()
    database.close()
  }
  let first: Stored | undefined
  try {
    await database.use('open', async () => {})
    first = await inTime(clock, read(), openMs)
  } catch (error) {
    close()
    throw failed('read', error)
  }

  return {
    async load(): Promise<Stored> {
      const stored = first ?? (await read())
      first = undefined
      // Tidying up: whether that can be done is nothing that a master depends on.
      void database.use('write', handle => forgetOthers(handle, masterId, clock.now())).catch(() => {})
      return stored
    },
    async write({ put: jobs, remove, let_go }) {
      if (isErased) throw erasedError()
      if (let_go !== undefined) {
        letGo = let_go
        await database.use('write', noteMaster)
      }
      if (remove.length > 0) {
        await database.use('write', async handle => {
          const transaction = handle.transaction('jobs', 'readwrite', { durability: 'relaxed' })
          await Promise.all([...remove.map(id => transaction.store.delete([masterId, id])), transaction.done])
        })
        for (const id of remove) order.delete(id)
      }
      const unstored: Unstored[] = []
      const storable = jobs.filter(job => {
        try {
          checkDepth(job)
          return true
        } catch (cause) {
          return void unstored.push({ request_id: job.request_id, cause })
        }
      })
      return storable.length === 0 ? unstored : [...unstored, ...(await storeApart(storable, put))]
    },
    async storageKey() {
      if (isErased) throw erasedError()
      const asked = database.use('write', handle => storageKeyIn(handle, masterId, owner))
      return await inTime(clock, asked, openMs).catch(error => Promise.reject(failed('write', error)))
    },

    async erase() {
      isErased = true
      const isMine = (one: StoredMaster): boolean =>
        one.master_id === masterId || (owner !== undefined && one.owner === owner)
      try {
        await inTime(
          clock,
          database.use('erase', handle => forgetMasters(handle, isMine)),
          openMs,
        )
      } catch (error) {
        throw failed('erase', error)
      }
      erased.tell()
    },
    async close() {
      close()
    },
  }
}

const where = "this browser's storage"

interface Found {
  readonly jobs: StoredJob[]
  readonly unread: readonly Unread[]
}

/** One that the browser cannot give does not keep the others. */
async function readJobs(database: Database, masterId: string): Promise<Found> {
  try {
    return { jobs: await database.use('read', handle => handle.getAll('jobs', everyJobOf(masterId))), unread: [] }
  } catch {
    const jobs: StoredJob[] = []
    const unread: Unread[] = []
    for (const key of await database.use('read', handle => handle.getAllKeys('jobs', everyJobOf(masterId)))) {
      try {
        const found = await database.use('read', handle => handle.get('jobs', key))
        if (found !== undefined) jobs.push(found)
      } catch (error) {
        unread.push({ where, request_id: key[1], reason: error instanceof Error ? error.message : String(error) })
      }
    }
    return { jobs, unread }
  }
}

const isOfRoom = (error: unknown): boolean => error instanceof DOMException && error.name === 'QuotaExceededError'

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort()
  } catch {} // it was over already
}

function erasedError(): DroverError {
  return new DroverError(
    'storage_failed',
    'The jobs of this browser were forgotten at a sign-out in another tab; reload this page to go on with none',
  )
}
