/** Jobs that go on after a break: of an earlier run of this master, as they were kept, or of an earlier run of the broker. */
import type { Reply } from '../../contract/mod.ts'
import type { Cancels } from '../dispatch/cancels.ts'
import { inputIsGone, type Secrets } from '../dispatch/input.ts'
import type { JobPublisher } from '../dispatch/job-publisher.ts'
import type { JobDeadlines } from '../jobs/job-deadlines.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { type JobState, mayHaveLeft } from '../jobs/state/job.ts'
import { type JobChange, liesWithBroker } from '../jobs/state/reduce.ts'
import type { Roster } from '../presence/roster.ts'
import { type OrphanPorts, Orphans } from './orphans.ts'

export interface RecoveryPorts extends Omit<OrphanPorts, 'onAbandoned'> {
  readonly jobs: Jobs
  readonly roster: Roster
  readonly deadlines: Pick<JobDeadlines, 'restore'>
  readonly secrets: Pick<Secrets, 'has'>
  readonly publisher: Pick<JobPublisher, 'add'>
  readonly cancels: Pick<Cancels, 'cancelled'>
}

export class Recovery {
  readonly #ports: RecoveryPorts
  readonly #orphans: Orphans

  constructor(ports: RecoveryPorts) {
    this.#ports = ports
    this.#orphans = new Orphans({
      ...ports,
      onAbandoned: (job, as) => this.#again(job, { type: 'abandoned', as, at: ports.clock.now() }),
    })
  }

  /** Takes up a job that was stored; one that is known already stays as it is. */
  restore(job: JobState): void {
    const { index, jobs, deadlines, roster, cancels } = this.#ports
    const { request_id, task, phase } = job
    if (index.shown.has(request_id)) return
    jobs.restore(job)
    if (phase.at === 'ended') return
    deadlines.restore(job)
    roster.watch(task)
    if (phase.at === 'unsent') this.#restoreUnsent(job)
    if (phase.at === 'cancelling') cancels.cancelled(request_id, task, phase.reason)
  }

  /**
   * The replies that waited are read: jobs that the broker has forgotten go out again, and the rest are asked after.
   * @param before jobs that were open before this connection
   */
  read(before: ReadonlySet<string>): void {
    const { stomp, index, queries } = this.#ports
    const { state } = stomp
    if (state.at === 'open' && before.size > 0) {
      this.#sendForgotten(before)
      this.#orphans.watch(state.session, before)
    }
    queries.ask(index.sentOf(before))
  }

  /** The worker's delivery is gone with the broker that held it, so that the worker cannot put it back. */
  replied({ type, request_id }: Reply): void {
    if (type === 'retrying' || type === 'requeued') this.#sendForgotten([request_id])
  }

  /** The messages of that time are read before anybody counts as silent. */
  stoodStill(): void {
    this.#orphans.stoodStill()
  }

  #restoreUnsent(job: JobState): void {
    const { jobs, publisher, secrets } = this.#ports
    if (secrets.has(job)) publisher.add(job.request_id)
    // A job that may have left may be running: its outcome, or its timeout, ends it.
    else if (!mayHaveLeft(job)) jobs.refuse(job.request_id, inputIsGone(job))
  }

  /** A broker that keeps its messages does not say which run of it there is. */
  #sendForgotten(requestIds: Iterable<string>): void {
    const { stomp, index } = this.#ports
    const run = stomp.state.at === 'open' ? stomp.state.session.run : undefined
    if (run === undefined) return
    for (const request_id of requestIds) {
      const job = index.shown.get(request_id)
      // Sent to a broker that did not say which run it was: that of an earlier version, so not this one
      if (job === undefined || !liesWithBroker(job) || job.broker_run === run) continue
      this.#again(job, { type: 'forgotten' })
    }
  }

  /** @param change after which it is to be sent, unless it is cancelled */
  #again(job: JobState, change: JobChange): void {
    const { index, jobs, publisher, secrets } = this.#ports
    const { request_id } = job
    jobs.apply(request_id, change)
    if (index.latest(request_id)?.phase.at !== 'unsent') return
    if (secrets.has(job)) publisher.add(request_id)
    else jobs.refuse(request_id, inputIsGone(job))
  }
}
