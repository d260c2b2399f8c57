/** One job, live. */
import type { ReactiveControllerHost } from 'lit'
import type { Change, JobState, Master } from '../../shared/master/mod.ts'
import { LiveView } from './live-view.ts'
import type { MasterController } from './master.ts'

export class JobController extends LiveView {
  readonly #requestId: () => string | undefined
  #job: JobState | undefined

  /** @param requestId which job, asked at each render: usually the widget's property */
  constructor(host: ReactiveControllerHost, source: MasterController, requestId: () => string | undefined) {
    super(host, source)
    this.#requestId = requestId
  }

  /** Its state; absent while the master does not know it. */
  get job(): JobState | undefined {
    return this.#job
  }

  /** The widget may show another job now. */
  hostUpdate(): void {
    if (this.#job?.request_id !== this.#requestId()) this.renew(this.source.master)
  }

  protected concerns(change: Change): boolean {
    return change.type === 'job' && change.request_id === this.#requestId()
  }

  protected renew(master: Master | undefined): void {
    this.#job = master?.jobs.get(this.#requestId() ?? '')
  }
}
