/** Live views of a master: they listen while their widget is connected, and renew themselves once a frame. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Change, JobState, Master } from '../../shared/master/mod.ts'
import type { MasterController, MasterListener } from './master.ts'
import { FrameUpdates } from './once-a-frame.ts'

export abstract class LiveView implements ReactiveController, MasterListener {
  protected readonly host: ReactiveControllerHost
  protected readonly source: MasterController
  readonly #frames: FrameUpdates
  #stop: (() => void) | undefined

  constructor(host: ReactiveControllerHost, source: MasterController) {
    this.host = host
    this.source = source
    this.#frames = new FrameUpdates(() => this.renewNow())
    host.addController(this)
  }

  hostConnected(): void {
    this.#stop = this.source.listen(this)
  }

  hostDisconnected(): void {
    this.#stop?.()
    this.#frames.cancel()
  }

  masterChanged(_master: Master | undefined): void {
    this.renewNow()
  }

  changed(change: Change): void {
    if (this.concerns(change)) this.#frames.request()
  }

  protected renewNow(): void {
    this.#frames.cancel()
    this.renew(this.source.master)
    this.host.requestUpdate()
  }

  /** Whether a change can alter this view. Called for each: has to be cheap. */
  protected abstract concerns(change: Change): boolean
  /** Reads the master anew, at most once a frame. */
  protected abstract renew(master: Master | undefined): void
}

/** One job, live. */
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

export type JobFilter = (job: JobState) => boolean

const everyJob: JobFilter = () => true

/** Every job of a master that a filter lets through, newest first, live. */
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
