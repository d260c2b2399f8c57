/** Storage that lasts as long as its holder: for programs whose jobs do not outlive them, and for tests. */
import type { LetGo } from '../jobs/ended.ts'
import type { JobState } from '../jobs/state/job.ts'
import type { JobStorage } from './storage.ts'

/** A storage in memory. Given to a second master after the first, it holds the jobs that the first left. */
export function memoryStorage(): JobStorage {
  const jobs = new Map<string, JobState>()
  let masterId: string | undefined
  let letGo: LetGo | undefined
  return {
    async load() {
      return {
        jobs: [...jobs.values()],
        ...(masterId === undefined ? {} : { master_id: masterId }),
        ...(letGo === undefined ? {} : { let_go: letGo }),
      }
    },
    async write({ master_id, let_go, put, remove }) {
      masterId = master_id ?? masterId
      letGo = let_go ?? letGo
      for (const job of put) jobs.set(job.request_id, job)
      for (const id of remove) jobs.delete(id)
    },
    async erase() {
      jobs.clear()
      masterId = undefined
      letGo = undefined
    },
    async close() {},
  }
}
