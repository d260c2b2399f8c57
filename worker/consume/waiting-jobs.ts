/** Jobs that wait for a slot, those that came first in front. */
import type { HeldJob } from '../held-job.ts'

export class WaitingJobs {
  readonly #jobs: HeldJob[] = []

  get all(): readonly HeldJob[] {
    return this.#jobs
  }

  /** Those of queues, which others may have as well. */
  get ofQueues(): readonly HeldJob[] {
    return this.#jobs.filter(({ mode }) => mode === 'queue')
  }

  add(held: HeldJob): void {
    this.#jobs.push(held)
  }

  addFirst(held: HeldJob): void {
    this.#jobs.unshift(held)
  }

  /** Takes out the first that may begin. */
  takeFirst(mayBegin: (held: HeldJob) => boolean): HeldJob | undefined {
    const at = this.#jobs.findIndex(mayBegin)
    return at < 0 ? undefined : this.#jobs.splice(at, 1)[0]
  }

  /** @returns whether it was here */
  remove(held: HeldJob): boolean {
    const at = this.#jobs.indexOf(held)
    if (at >= 0) this.#jobs.splice(at, 1)
    return at >= 0
  }

  clear(): void {
    this.#jobs.length = 0
  }
}
