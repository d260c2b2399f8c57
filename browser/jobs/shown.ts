/**
 * Which rows a list shows: all that there are, live; or, while somebody points at it, is in it by keyboard or has scrolled,
 * those that were there when that began, so that nothing moves under the pointer. The others wait.
 */
import type { JobState } from '../../shared/master/mod.ts'

export class ShownJobs {
  #frozen: { readonly jobs: readonly JobState[]; readonly ids: ReadonlySet<string> } | undefined
  #countedOf: readonly JobState[] | undefined
  #waiting = 0

  /** How many new ones wait to be shown. */
  get waiting(): number {
    return this.#waiting
  }

  /** Shows all jobs of the next `update`, held or not. */
  release(): void {
    this.#frozen = undefined
    this.#countedOf = undefined
    this.#waiting = 0
  }

  /**
   * @param live newest first; another array whenever something changed
   * @returns the rows: their places are settled, their states may be older than the master's
   */
  update(live: readonly JobState[], isHeld: boolean): readonly JobState[] {
    if (!isHeld) {
      this.release()
      return live
    }
    // Where nothing is, nothing can jump.
    if (this.#frozen === undefined || this.#frozen.jobs.length === 0) {
      this.release()
      this.#frozen = { jobs: live, ids: new Set(live.map(({ request_id }) => request_id)) }
    }
    const { jobs, ids } = this.#frozen
    if (this.#countedOf !== live) {
      this.#countedOf = live
      this.#waiting = 0
      for (const { request_id } of live) if (!ids.has(request_id)) this.#waiting++
    }
    return jobs
  }
}
