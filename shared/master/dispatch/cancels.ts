/**
 * Cancels: the workers of the task are told until the broker has it, now or at the next connect. A worker that has the job
 * answers soon. One that was cut off may not have heard it, so it is said again. Promise 5.
 */
import type { Clock } from '../../clock.ts'
import type { Control } from '../../contract/mod.ts'
import type { BrokerSession, Stomp } from '../../stomp/mod.ts'
import { controlMessage } from '../control-message.ts'
import type { JobIndex } from '../jobs/job-index.ts'
import type { JobListener, Jobs } from '../jobs/jobs.ts'
import type { Attendance } from '../presence/attendance.ts'
import type { Timeouts } from '../timeouts.ts'

/** How long a worker that has a job takes at most to answer its cancel. */
const cancelAnswerMs = 2000
/** How long until they are told again. */
const cancelAgainMs = 8000

export interface CancelsPorts {
  readonly stomp: Pick<Stomp, 'publish' | 'state'>
  readonly clock: Clock
  readonly timeouts: Timeouts
  readonly index: JobIndex
  readonly jobs: Jobs
  readonly attendance: Pick<Attendance, 'tell'>
}

export class Cancels implements JobListener {
  readonly #ports: CancelsPorts
  readonly #unsent = new Map<string, { readonly task: string; readonly reason: string | undefined }>()
  #session: BrokerSession | undefined

  constructor(ports: CancelsPorts) {
    this.#ports = ports
    ports.jobs.listen(this)
  }

  open(session: BrokerSession): void {
    this.#session = session
    for (const requestId of this.#unsent.keys()) void this.#send(requestId, session)
  }

  away(): void {
    this.#session = undefined
  }

  cancelled(requestId: string, task: string, reason: string | undefined): void {
    this.#unsent.set(requestId, { task, reason: reason?.slice(0, 500) })
    if (this.#session !== undefined) void this.#send(requestId, this.#session)
  }

  ended(requestId: string): void {
    this.#ports.timeouts.delete(`cancel ${requestId}`)
  }

  async #send(requestId: string, session: BrokerSession): Promise<void> {
    const cancel = this.#unsent.get(requestId)
    if (cancel === undefined) return
    const { task, reason } = cancel
    const leftMs = this.#ports.timeouts.remaining(`job ${requestId}`)
    const body: Control = {
      v: 1,
      type: 'cancel',
      request_id: requestId,
      ...(reason === undefined ? {} : { reason }),
      ...(leftMs === undefined ? {} : { keep_ms: Math.ceil(leftMs) }),
    }
    try {
      await this.#ports.stomp.publish(controlMessage(session, task, body))
    } catch {
      if (this.#session !== session || this.#ports.stomp.state.at !== 'open') return // again at the next connect
    }
    if (this.#unsent.get(requestId) !== cancel) return
    this.#unsent.delete(requestId)
    this.#awaitAnswer(requestId)
  }

  /** The workers have been told, or cannot be: one that has the job answers soon. */
  #awaitAnswer(requestId: string): void {
    const { clock, timeouts, index, jobs, attendance } = this.#ports
    if (index.latest(requestId)?.phase.at !== 'cancelling') return
    timeouts.set(`cancel ${requestId}`, cancelAnswerMs, () => {
      jobs.apply(requestId, { type: 'cancel_unanswered', at: clock.now() })
      attendance.tell(requestId) // its worker may be gone
      this.#repeat(requestId)
    })
  }

  /** The worker that has the job may have been cut off when the workers were told. */
  #repeat(requestId: string): void {
    const { timeouts, index } = this.#ports
    const job = index.latest(requestId)
    if (job?.phase.at !== 'cancelling') return
    const { task, phase } = job
    timeouts.set(`cancel ${requestId}`, cancelAgainMs, () => this.cancelled(requestId, task, phase.reason))
  }
}
