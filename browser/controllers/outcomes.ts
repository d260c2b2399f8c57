/** Hears of each job that ends while the widget looks; what had ended before is no news. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Change, JobState, Master } from '../../shared/master/mod.ts'
import type { MasterController, MasterListener } from './master.ts'

export class OutcomesController implements ReactiveController, MasterListener {
  readonly #source: MasterController
  readonly #onOutcome: (job: JobState) => void
  readonly #open = new Set<string>()
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
    this.#open.clear()
  }

  masterChanged(master: Master | undefined): void {
    this.#open.clear()
    for (const { request_id, phase } of master?.jobs.values() ?? [])
      if (phase.at !== 'ended') this.#open.add(request_id)
  }

  changed(change: Change): void {
    if (change.type !== 'job') return
    const job = this.#source.master?.jobs.get(change.request_id)
    if (job !== undefined && job.phase.at !== 'ended') this.#open.add(job.request_id)
    else if (this.#open.delete(change.request_id) && job !== undefined) this.#onOutcome(job)
  }
}
