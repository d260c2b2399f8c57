/** Whose jobs are in the database, and letting go of the jobs that masters left. */
import { type Handle, keyRecordOf, type StoredMaster } from './database.ts'

const weekMs = 7 * 24 * 3_600_000

export const everyJobOf = (masterId: string): IDBKeyRange => IDBKeyRange.bound([masterId], [masterId, []])

/** Lets go of masters with their jobs. */
export async function forgetMasters(handle: Handle, isMeant: (master: StoredMaster) => boolean): Promise<void> {
  const transaction = handle.transaction(['jobs', 'masters'], 'readwrite')
  const masters = transaction.objectStore('masters')
  const jobs = transaction.objectStore('jobs')
  const known = await masters.getAll()
  const keys = new Set(known.map(({ master_id }) => keyRecordOf(master_id)))
  for (const master of known) {
    // An older version lets go of a master and knows nothing of its key
    const isLeft = master.storage_key !== undefined && !keys.has(master.master_id)
    if (!isLeft && !isMeant(master)) continue
    await masters.delete(master.master_id)
    await masters.delete(keyRecordOf(master.master_id))
    await jobs.delete(everyJobOf(master.master_id))
  }
  await transaction.done
}

/** Those that were not seen for a week. */
export function forgetOthers(handle: Handle, masterId: string, now: number): Promise<void> {
  return forgetMasters(handle, one => one.master_id !== masterId && now - (one.seen_at ?? now) >= weekMs)
}
