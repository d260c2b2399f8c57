/** Every job of a master that a filter lets through, newest first, live. */
import type { ReactiveControllerHost } from 'lit'
import type { Change, JobState, Master } from '../../shared/master/mod.ts'
import { LiveView } from './live-view.ts'
import type { MasterController } from './master.ts'

export type JobFilter = (job: JobState) => boolean

const everyJob: JobFilter = () => true

export class JobsController extends LiveView {
  #filter: JobFilter
  #jobs: readonly JobState[] = []

  /** @param filter which jobs to show. Default: all */
  constructor(host: ReactiveControllerHost, source: MasterController, filter: JobFilter = everyJob) {
    super(host, source)
    this.#filter = filter
  }

  /** Those that the filter lets through, newest first. Another array whenever something changed. */
  get jobs(): readonly JobState[] {
    return this.#jobs
  }

  /** How many there are without the filter. */
  get total(): number {
    return this.source.master?.jobs.size ?? 0
  }

  get filter(): JobFilter {
    return this.#filter
  }

  set filter(filter: JobFilter) {
    this.#filter = filter
    this.renewNow()
  }

  protected concerns({ type }: Change): boolean {
    return type === 'job'
  }

  protected renew(master: Master | undefined): void {
    const jobs: JobState[] = []
    for (const job of master?.jobs.values() ?? []) if (this.#filter(job)) jobs.push(job)
    this.#jobs = jobs.reverse()
  }
}
