/** Tells which change is the end of a job. A job that had ended before it looked is no news. */
import type { Change, JobState, Master } from '../../shared/master/mod.ts'

export class OpenJobs {
  readonly #ids = new Set<string>()

  /** Looks at the jobs of another master, or of none. */
  look(master: Master | undefined): void {
    this.#ids.clear()
    for (const { request_id, phase } of master?.jobs.values() ?? []) if (phase.at !== 'ended') this.#ids.add(request_id)
  }

  /** @returns the job that has ended by this change, once */
  ended(master: Master, change: Change): JobState | undefined {
    if (change.type !== 'job') return undefined
    const { request_id } = change
    const job = master.jobs.get(request_id)
    if (job?.phase.at === 'ended') return this.#ids.delete(request_id) ? job : undefined
    if (job !== undefined) this.#ids.add(request_id)
    else this.#ids.delete(request_id)
    return undefined
  }
}
