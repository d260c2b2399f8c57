/** Whose jobs are in the database, and letting go of the jobs that masters left. */
import type { Handle, StoredMaster } from './database.ts'

const weekMs = 7 * 24 * 3_600_000

export const everyJobOf = (masterId: string): IDBKeyRange => IDBKeyRange.bound([masterId], [masterId, []])

/** Lets go of masters with their jobs. */
export async function forgetMasters(handle: Handle, isMeant: (master: StoredMaster) => boolean): Promise<void> {
  const transaction = handle.transaction(['jobs', 'masters'], 'readwrite')
  const masters = transaction.objectStore('masters')
  const jobs = transaction.objectStore('jobs')
  for (const master of await masters.getAll()) {
    if (!isMeant(master)) continue
    await masters.delete(master.master_id)
    await jobs.delete(everyJobOf(master.master_id))
  }
  await transaction.done
}

/** Those that were not seen for a week. */
export function forgetOthers(handle: Handle, masterId: string, now: number): Promise<void> {
  return forgetMasters(handle, one => one.master_id !== masterId && now - one.seen_at >= weekMs)
}
