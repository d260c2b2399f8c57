/**
 * Broadcasts of an earlier run that ended before it knew who should answer. Where their time is up once the replies are read, and
 * all that took the job have answered, the roster of now says whether that was everyone: it is waited for, once. Promise 2.
 */
import type { JobState } from './state/job.ts'

/** A roster is known 500 ms after its ping; where it is not to be had, nobody waits for longer. */
export const rosterMs = 1000

export class Rosterless {
  readonly #restored = new Set<string>()

  restored({ request_id, mode, until, expected }: JobState): void {
    if (mode === 'topic' && until === 'everyone' && expected === undefined) this.#restored.add(request_id)
  }

  /** Its time is up. @returns whether the roster may say that it is answered; true once for a job */
  mayBeAnswered(requestId: string, job: JobState | undefined): boolean {
    if (!this.#restored.delete(requestId) || job === undefined || job.expected !== undefined) return false
    return job.workers.length > 0 && job.workers.every(({ outcome }) => outcome !== undefined)
  }
}
