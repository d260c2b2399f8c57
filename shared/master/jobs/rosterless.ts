/**
 * Broadcasts whose master was away before it knew who should answer. Where their time is up once the replies are read, and all that
 * took the job have answered, the roster of now says whether that was everyone: it is waited for, once. Promise 2.
 */
import type { JobState } from './state/job.ts'

/** A roster is known 500 ms after its ping; where it is not to be had, nobody waits for longer. */
export const rosterMs = 1000

export class Rosterless {
  readonly #away = new Set<string>()

  /** This master was away from it: of an earlier run, or not connected as its time was up. */
  wasAway({ request_id, mode, until, expected }: JobState): void {
    if (mode === 'topic' && until === 'everyone' && expected === undefined) this.#away.add(request_id)
  }

  /** Its time is up. @returns whether the roster may say that it is answered; true once for each time away */
  mayBeAnswered(requestId: string, job: JobState | undefined): boolean {
    if (!this.#away.delete(requestId) || job === undefined || job.expected !== undefined) return false
    return job.workers.length > 0 && job.workers.every(({ outcome }) => outcome !== undefined)
  }

  ended(requestId: string): void {
    this.#away.delete(requestId)
  }
}
