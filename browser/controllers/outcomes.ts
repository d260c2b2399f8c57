/** Hears of each job that ends while the widget looks; a job that had ended before is no news. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Change, JobState, Master } from '../../shared/master/mod.ts'
import type { MasterController, MasterListener } from './master.ts'
import { OpenJobs } from './open-jobs.ts'

export class OutcomesController implements ReactiveController, MasterListener {
  readonly #source: MasterController
  readonly #onOutcome: (job: JobState) => void
  readonly #open = new OpenJobs()
  #stop: (() => void) | undefined

  /** @param onOutcome called once a job, at once: merge them */
  constructor(host: ReactiveControllerHost, source: MasterController, onOutcome: (job: JobState) => void) {
    this.#source = source
    this.#onOutcome = onOutcome
    host.addController(this)
  }

  hostConnected(): void {
    this.#stop = this.#source.listen(this)
  }

  hostDisconnected(): void {
    this.#stop?.()
    this.#open.look(undefined)
  }

  masterChanged(master: Master | undefined): void {
    this.#open.look(master)
  }

  changed(change: Change): void {
    const { master } = this.#source
    const job = master && this.#open.ended(master, change)
    if (job !== undefined) this.#onOutcome(job)
  }
}
