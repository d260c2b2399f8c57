/**
 * The one place where a job ends here: with its outcome, put back into its queue, published again, given up on, or gone with its
 * connection. In each case `HeldJobs` lets go of it first: its timers stop, it waits for no slot, and the slots look at the
 * subscriptions that the other jobs need. Promises 1 and 6.
 */
import type { WireError } from '../../shared/contract/mod.ts'
import type { BrokerSession, Incoming, Outgoing } from '../../shared/stomp/mod.ts'
import { type Delivery, deliveryId } from '../delivery.ts'
import { deliveriesOf, type HeldJob, type HeldJobs, newestOf, type Stopped } from '../held-job.ts'
import type { Pauses } from '../pauses.ts'
import type { JobEvents } from './job-events.ts'
import type { JobMemory } from './job-memory.ts'
import { type JobChanges, type JobMessages, type LossCount, type Resealed, unbound } from './job-messages.ts'
import type { LostSend } from './lost-sends.ts'
import { marksOf } from './marks.ts'
import { shutdownReason, stoppedOutcome, stopReason, withoutPayload } from './outcome.ts'
import type { OutcomeFields } from './replies.ts'
import type { Settler } from './settler.ts'
import type { SizeLimit } from './too-large.ts'
import { toWireError } from './wire-error.ts'

export interface JobEndsPorts {
  readonly heldJobs: Pick<HeldJobs, 'holds' | 'leavesSoon' | 'remove'>
  readonly memory: Pick<JobMemory, 'keep' | 'returned'>
  readonly settler: Pick<Settler, 'outcome' | 'release' | 'lostSend'>
  readonly messages: JobMessages
  readonly events: JobEvents
  readonly pauses: Pick<Pauses, 'has'>
  session(): BrokerSession
  isDraining(): boolean
  problem(message: string, error?: unknown, requestId?: string): void
  /** The steady clock, ms. */
  steady(): number
  /** The limit of a body that may be sent now. */
  sizeLimit(): SizeLimit
}

/** An ended job is remembered until nobody can deliver it any more, and at least so long. */
const leastRememberedMs = 600_000

export class JobEnds {
  readonly #ports: JobEndsPorts
  #processed = 0
  #failed = 0

  constructor(ports: JobEndsPorts) {
    this.#ports = ports
  }

  /** How many jobs ended with an outcome; how many of these with an error. */
  get counts(): { readonly processed: number; readonly failed: number } {
    return { processed: this.#processed, failed: this.#failed }
  }

  /** Tells a job to stop, wherever it is: a run by its signal, and it ends with that run; else it ends here. */
  stop(held: HeldJob, stopped: Stopped): void {
    if (held.stopped !== undefined) return
    held.stopped = stopped
    held.stop.abort(stopReason(stopped))
    if (held.phase !== 'running') this.stopped(held, stopped)
  }

  /** Ends a job that was told to stop. One of a queue that was stopped for the sake of this worker alone goes on to another. */
  stopped(held: HeldJob, stopped: Stopped): void {
    if (!isForAnother(held)) void this.outcome(held, stoppedOutcome(stopped))
    else if (held.phase === 'running') void this.requeueStopped(held)
    else if (held.phase === 'waiting') void this.requeue(held)
    else void this.republishResting(held)
  }

  /**
   * Ends a job with its outcome. It is held no longer when this returns; the promise resolves when the broker has the outcome, or
   * when it waits in memory for the connection.
   * @param dead the error with which the job goes to dead too
   */
  async outcome(held: HeldJob, wanted: OutcomeFields, dead?: JobChanges & { error: WireError }): Promise<void> {
    const { memory, messages, events, settler, session, steady, sizeLimit } = this.#ports
    const now = steady()
    const { fields, body, answers } = held.replies.outcome(wanted, sizeLimit())
    this.#ports.heldJobs.remove(held)
    const letter = dead === undefined ? undefined : messages.deadLetterOf(held, dead.error, dead)
    const untilAt = Math.max(held.deadlineAt, now + leastRememberedMs)
    const { requestId: request_id, task, job } = held
    const { attempt } = job
    const sender = newestOf(held).origin.headers['drover-sender']
    const marks = marksOf(session(), deliveriesOf(held))
    const isSealed = job.sealed !== undefined
    const ended = {
      request_id,
      retried: job.retried?.id,
      task,
      attempt,
      type: fields.type,
      isSealed,
      seal: held.seal,
      sender,
      body,
      answers,
      letter,
      marks,
      untilAt,
    }
    memory.keep(ended, now)
    this.#processed++
    if (fields.type === 'error') this.#failed++
    const error = fields.type === 'error' ? fields.error : undefined
    const took_ms = 'took_ms' in fields ? fields.took_ms : undefined
    const reason = fields.type === 'cancelled' ? fields.reason : undefined
    events.log(held, fields.type, { took_ms, error, reason })
    if (dead !== undefined) events.log(held, 'dead', { error: dead.error })
    const settled = settler.outcome(ended, deliveriesOf(held), refused => messages.deadLetterOf(held, refused))
    events.publish(held, fields.type, took_ms)
    await settled
  }

  /** Puts a job back by publishing it as it was: nothing of it ran here. */
  async requeue(held: HeldJob): Promise<void> {
    this.#ports.events.log(held, 'given_back')
    await this.republish(held)
  }

  /** A job has gone back by the end of its subscription: nothing of it ran here. */
  requeued(held: HeldJob): void {
    this.#ports.heldJobs.remove(held)
    this.#ports.events.log(held, 'given_back')
  }

  /**
   * Puts a job back by publishing it as it was, whose run was stopped since this worker shuts down, and says so to its masters in
   * the same transaction: it is no loss, and no run that failed.
   */
  async requeueStopped(held: HeldJob): Promise<void> {
    const reason = shutdownReason
    const told = held.replies.settling({ type: 'requeued', reason }).answers
    this.#ports.heldJobs.remove(held)
    this.#ports.events.log(held, 'requeued', { reason })
    this.#ports.events.publish(held, 'requeued')
    // In this order each copy stands beside the delivery that it settles, as `Transactions` wants it.
    await this.#release(held, [...this.#asItWas(held), ...told.map(({ message }) => message)])
  }

  /** Publishes a job again, changed, without a word: a job that is passed on goes round for as long as it takes. */
  async republish(held: HeldJob, changed: JobChanges = {}): Promise<void> {
    this.#ports.heldJobs.remove(held)
    await this.#release(held, this.#asItWas(held, changed))
  }

  /** Publishes a job again that lost its worker. */
  async republishLost(held: HeldJob, { losses, alone }: LossCount): Promise<void> {
    this.#ports.heldJobs.remove(held)
    this.#ports.events.log(held, 'lost')
    await this.#release(
      held,
      this.#ports.messages.again(held, {
        losses,
        alone,
        // Its next worker may end by another job before it hears of this one
        handed_back: alone === undefined ? undefined : true,
        history: this.#ports.messages.history(held, 'lost'),
      }),
    )
  }

  /** Publishes a job again that rested, with the rest of its wait. Nobody has begun it, so that no mark costs anything. */
  async republishResting(held: HeldJob): Promise<void> {
    this.#ports.heldJobs.remove(held)
    const leftMs = Math.max(0, (held.dueAt ?? 0) - this.#ports.steady())
    await this.#release(held, this.#ports.messages.again(held, { handed_back: undefined }, leftMs))
  }

  /** Publishes a job again for its next attempt. @param delayMs how long nobody may begin it */
  async republishForRetry(held: HeldJob, delayMs: number): Promise<void> {
    const { heldJobs, messages } = this.#ports
    const attempt = held.job.attempt + 1
    const resealed = held.replies.isSealed ? await this.#resealed(held, attempt) : []
    if (resealed === undefined) return
    heldJobs.remove(held)
    const history = messages.history(held, 'failed', held.failure)
    const changed = { attempt, handed_back: undefined, history, ...unbound(held) }
    await this.#release(held, messages.again(held, changed, delayMs, resealed))
  }

  /** Seals each copy for another attempt. @returns `undefined` when the job is over, as it is where that fails */
  async #resealed(held: HeldJob, attempt: number): Promise<Resealed | undefined> {
    const { heldJobs } = this.#ports
    try {
      const own = held.seal!
      for (;;) {
        const { copies } = held
        heldJobs.leavesSoon(held) // its slot is free before it is sealed
        await held.replies.sent() // its next worker says so later
        const resealed = await Promise.all(
          copies.map(async ({ seal }) => {
            const isSame = seal !== undefined && (await own.isOf(seal))
            return (isSame ? seal : own).forAttempt(attempt)
          }),
        )
        if (!heldJobs.holds(held)) return undefined
        if (copies === held.copies) return resealed // else one more master waits
      }
    } catch (thrown) {
      if (heldJobs.holds(held)) void this.outcome(held, { type: 'error', error: toWireError(thrown) })
      return undefined
    }
  }

  /** Its code goes on, so that it must not begin elsewhere: the broker hands it out once the connection ends, which is next. */
  abandon(held: HeldJob): void {
    this.#ports.heldJobs.remove(held)
    this.#ports.events.log(held, 'lost')
  }

  /** Its connection is gone before it began: delivered again, it is no loss. */
  connectionLost(held: HeldJob): void {
    this.#ports.heldJobs.remove(held)
    this.#ports.memory.returned(held.requestId)
  }

  /** Answers a job that may not share the outcome of another of its id. That one stays as it is. */
  refuse(came: HeldJob, reason: string): void {
    const { events, messages, settler, sizeLimit } = this.#ports
    events.log(came, 'rejected', { reason })
    const { answers } = came.replies.settling({ type: 'rejected', issues: [{ path: 'request_id', message: reason }] })
    const told = answers.map(({ message }) => message)
    const smaller = (error: WireError) => withoutPayload(told, undefined, error, sizeLimit().bytes)
    const { requestId } = came
    void settler.release({ requestId, messages: told, deliveries: deliveriesOf(came), smaller }, error =>
      messages.deadLetterOf(came, error),
    )
  }

  /** Gives a job up that lost its worker too often. */
  buryLost(held: HeldJob, { losses, alone = 0 }: LossCount): void {
    const often = `${losses} ${losses === 1 ? 'time' : 'times'}`
    const known = whyLost(held, this.#ports.settler.lostSend(held.requestId))
    const message = `Task "${held.task}" lost its worker ${often} with this job, ${alone} of them while nothing else ran there; the job is given up${known}`
    const error: WireError = { name: 'DroverError', code: 'job_dead', message, retryable: false }
    void this.outcome(held, { type: 'error', error, losses }, { error, losses, alone })
  }

  /** Sends a message to dead that is no job, or that brought this worker's code down; nobody can be told. */
  bury(task: string, incoming: Incoming, delivery: Delivery | undefined, reason: string): void {
    const { problem, messages, settler, session, sizeLimit } = this.#ports
    const error: WireError = { name: 'DroverError', code: 'rejected', message: reason, retryable: false }
    problem(`A job of "${task}" went to dead: ${reason}`, undefined, incoming.headers['correlation-id'])
    const letter = { ...messages.deadLetter(incoming, error), once: deliveryId(session(), delivery) }
    void settler.release(
      {
        requestId: incoming.headers['correlation-id'] ?? '(no id)',
        messages: [letter],
        deliveries: delivery === undefined ? [] : [delivery],
        smaller: () => withoutPayload([letter], letter, error, sizeLimit().bytes),
      },
      () => letter,
    )
  }

  /**
   * While this worker drains, or pauses the task, it may be handed the copy itself, by a subscription that is about to close. Where
   * that marks the copy, it says so. It is not delayed: a broker that keeps delayed jobs apart may lose them when it is killed.
   */
  #asItWas(held: HeldJob, changed: JobChanges = {}): Outgoing[] {
    const { messages, session, isDraining, pauses } = this.#ports
    const isLeft = isDraining() || pauses.has(held.task)
    const mayComeMarked = isLeft && !session().dialect.unsubscribeReturns
    return messages.again(held, mayComeMarked ? { ...changed, handed_back: true } : changed)
  }

  /** Sends a job on. Where that is refused it is over: it goes to dead, and its masters are told why. */
  async #release(held: HeldJob, messages: readonly Outgoing[]): Promise<void> {
    await this.#ports.settler.release(
      { requestId: held.requestId, messages, deliveries: deliveriesOf(held) },
      refused => {
        const error = { ...refused, retryable: false }
        const told = held.replies.settling({ type: 'error', error }).answers
        return [...told.map(({ message }) => message), this.#ports.messages.deadLetterOf(held, error)]
      },
    )
  }
}

/** Whether it was stopped for the sake of this worker alone, and another is to have it. */
export const isForAnother = ({ stopped, mode }: HeldJob): boolean =>
  (stopped?.why === 'shutdown' || stopped?.why === 'paused') && mode === 'queue'

/** No broker was seen that does not take as many bytes. */
const leastSuspect = 10_000

/**
 * The cause, as far as this worker knows it: a job may be lost since the connection ends over it, such as one that grew too large
 * with its `attempt`.
 */
function whyLost(held: HeldJob, lost: LostSend | undefined): string {
  if (lost === undefined) return ''
  const bytes = new TextEncoder().encode(newestOf(held).body).length
  const times = lost.times === 1 ? 'once' : `${lost.times} times`
  const size = bytes < leastSuspect ? '' : `, with a body of ${bytes} bytes, which may be more than the broker takes`
  return `. The connection ended ${times} as this worker sent the job on${size}; the last time: ${lost.why}`
}
