/** Storing many jobs so that one which cannot be stored does not take the others with it. */
import { DroverError } from '../../contract/errors.ts'
import type { JobState } from '../jobs/state/job.ts'
import { isTooDeep, maxDepth } from './depth.ts'
import type { Unstored } from './storage.ts'

/** So many fail one after another, and nothing can be stored. */
const maxInVain = 8

/** @throws {DroverError} `storage_failed` */
export function checkDepth(job: JobState): void {
  if (!isTooDeep(job)) return
  throw new DroverError('storage_failed', `it is nested more than ${maxDepth} levels deep`)
}

/**
 * Stores all at once, and where that fails each by itself.
 * @param store resolves once all that it is given is stored; when it rejects, none is
 * @returns those that cannot be stored
 * @throws the error of `store`, when nothing could be stored
 */
export async function storeApart(
  jobs: readonly JobState[],
  store: (jobs: readonly JobState[]) => Promise<void>,
): Promise<readonly Unstored[]> {
  try {
    await store(jobs)
    return []
  } catch (cause) {
    if (jobs.length < 2) throw cause
    const unstored: Unstored[] = []
    for (const [index, job] of jobs.entries()) {
      try {
        await store([job])
      } catch (error) {
        unstored.push({ request_id: job.request_id, cause: error })
      }
      if (index + 1 >= Math.min(maxInVain, jobs.length) && unstored.length === index + 1) throw cause
    }
    return unstored
  }
}
