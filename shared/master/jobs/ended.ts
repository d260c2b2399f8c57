/** Which ended jobs a master keeps: so many, and of those that failed the last ones longest. */
import type { JobState } from './state/job.ts'

/** Ended jobs that were let go of to keep no more than a host asked for; jobs that were forgotten by hand are not counted. */
export interface LetGo {
  readonly jobs: number
  /** How many of them had failed. */
  readonly failed: number
}

export class Ended {
  /** Those that ended first come first. */
  readonly #well = new Set<string>()
  readonly #failed = new Set<string>()
  readonly #most: number
  /** Failures never take all the room: a job that ended well can be seen afterwards, too. */
  readonly #leastWell: number
  #letGo: LetGo = { jobs: 0, failed: 0 }

  /** @param most how many are kept */
  constructor(most: number) {
    this.#most = most
    this.#leastWell = Math.ceil(most / 10)
  }

  get letGo(): LetGo {
    return this.#letGo
  }

  /** Adds the counts of an earlier master with these jobs. */
  count(before: LetGo): void {
    const { jobs, failed } = this.#letGo
    this.#letGo = { jobs: jobs + before.jobs, failed: failed + before.failed }
  }

  add(state: JobState): void {
    const ids = hasFailed(state) ? this.#failed : this.#well
    ids.add(state.request_id)
  }

  delete(requestId: string): void {
    this.#well.delete(requestId)
    this.#failed.delete(requestId)
  }

  /** @returns those past the number that is kept, which are counted and no longer here */
  takeSurplus(): readonly string[] {
    const surplus: string[] = []
    while (this.#well.size + this.#failed.size > this.#most) {
      const isWell = this.#well.size > this.#leastWell || this.#failed.size === 0
      const [oldest] = isWell ? this.#well : this.#failed
      this.delete(oldest!)
      surplus.push(oldest!)
      const { jobs, failed } = this.#letGo
      this.#letGo = { jobs: jobs + 1, failed: failed + (isWell ? 0 : 1) }
    }
    return surplus
  }
}

/** A broadcast has failed when no worker had a result. */
function hasFailed({ phase, workers }: JobState): boolean {
  if (phase.at !== 'ended') return false
  switch (phase.outcome.type) {
    case 'error':
    case 'rejected':
    case 'timed_out':
    case 'no_worker':
      return true
    case 'answered':
      return !workers.some(({ outcome }) => outcome?.type === 'result')
    case 'result':
    case 'cancelled':
      return false
  }
}
