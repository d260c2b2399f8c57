/** Storage that lasts as long as its holder: for programs whose jobs do not outlive them, and for tests. */
import type { JobState } from '../state/job.ts'
import type { JobStorage } from './storage.ts'

/** A storage in memory. Given to a second master after the first, it holds what the first left. */
export function memoryStorage(): JobStorage {
  const jobs = new Map<string, JobState>()
  let masterId: string | undefined
  return {
    async load() {
      return { jobs: [...jobs.values()], ...(masterId === undefined ? {} : { master_id: masterId }) }
    },
    async write({ master_id, put, remove }) {
      masterId = master_id ?? masterId
      for (const job of put) jobs.set(job.request_id, job)
      for (const id of remove) jobs.delete(id)
    },
    async close() {},
  }
}
