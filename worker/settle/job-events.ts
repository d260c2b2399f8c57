/**
 * Tells how jobs go on: this worker's log, and, without payloads, everybody who may observe the task. Best effort: nobody waits
 * for it.
 */
import { type EventType, type JobEvent, wireVersion } from '../../shared/contract/mod.ts'
import { type BrokerSession, destinationsOf, type Stomp } from '../../shared/stomp/mod.ts'
import { type HeldJob, newestOf } from '../held-job.ts'
import type { WorkerEvent } from '../options.ts'
import type { ReplyBuffer } from './reply-buffer.ts'

export interface JobEventsPorts {
  readonly workerId: string
  readonly stomp: Pick<Stomp, 'state'>
  readonly replyBuffer: Pick<ReplyBuffer, 'send'>
  session(): BrokerSession
  /** The worker's log. */
  tell(event: WorkerEvent): void
}

type Logged = Extract<WorkerEvent, { type: 'job' }>

export class JobEvents {
  readonly #ports: JobEventsPorts

  constructor(ports: JobEventsPorts) {
    this.#ports = ports
  }

  /** Tells the log of a job. */
  log(
    { task, requestId, job }: Pick<HeldJob, 'task' | 'requestId' | 'job'>,
    what: Logged['what'],
    more: Partial<Pick<Logged, 'took_ms' | 'error' | 'reason'>> = {},
  ): void {
    this.#ports.tell({ type: 'job', what, task, request_id: requestId, attempt: job.attempt, ...more })
  }

  /** Publishes an event; does nothing while there is no connection. */
  publish(held: HeldJob, type: EventType, tookMs?: number): void {
    const { stomp, replyBuffer, session, workerId } = this.#ports
    if (stomp.state.at !== 'open') return
    const event: JobEvent = {
      v: wireVersion,
      request_id: held.requestId,
      type,
      worker_id: workerId,
      attempt: held.job.attempt,
      took_ms: tookMs,
      sender: newestOf(held).origin.headers['drover-sender'],
    }
    replyBuffer.send({
      destination: destinationsOf(session().namespace).events(held.task),
      headers: { 'content-type': 'application/json', persistent: 'false' },
      body: JSON.stringify(event),
    })
  }
}
