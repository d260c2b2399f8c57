/** Takes the messages that queues and topics deliver, and does with each as `decide` says. */
import type { Clock } from '../../shared/clock.ts'
import { type Job, wireVersion } from '../../shared/contract/mod.ts'
import type { Seal } from '../../shared/seal/mod.ts'
import type { Incoming } from '../../shared/stomp/mod.ts'
import { unreachable } from '../../shared/unreachable.ts'
import type { WorkerConnection } from '../connection.ts'
import type { Delivery } from '../delivery.ts'
import type { HeldJob, HeldJobs } from '../held-job.ts'
import type { Implementation } from '../implement.ts'
import type { Copy, JobOrigin } from '../job-copy.ts'
import type { WorkerLimits } from '../options.ts'
import { CopySeal } from '../sealing/copy-seal.ts'
import type { JobEnds } from '../settle/job-ends.ts'
import type { JobEvents } from '../settle/job-events.ts'
import type { JobMemory } from '../settle/job-memory.ts'
import { rejection } from '../settle/outcome.ts'
import { Replies, type RepliesPorts } from '../settle/replies.ts'
import { toWireError } from '../settle/wire-error.ts'
import type { BrokerTime } from './broker-time.ts'
import { type Decision, decide } from './decide.ts'
import { type Duplicates, type JobIdentity, whyNotShared, whyUnanswered } from './duplicates.ts'
import type { Quarantine } from './quarantine.ts'
import type { QueueSubscriptionsListener } from './queue-subscriptions.ts'
import { type ReadJob, readJob } from './read-job.ts'
import type { Rests } from './rests.ts'
import type { Slots } from './slots.ts'
import type { Unopenable } from './unopenable.ts'

export interface ConsumerPorts {
  readonly clock: Clock
  readonly implementations: ReadonlyMap<string, Implementation>
  readonly connection: Pick<WorkerConnection, 'session' | 'number'>
  readonly heldJobs: Pick<HeldJobs, 'get' | 'hold'>
  readonly memory: Pick<JobMemory, 'ended' | 'cancelled' | 'wasReturned'>
  readonly slots: Pick<Slots, 'beCareful' | 'offer' | 'waiting'>
  readonly duplicates: Duplicates
  readonly quarantine: Quarantine
  readonly unopenable: Unopenable
  readonly rests: Pick<Rests, 'take'>
  readonly brokerTime: Pick<BrokerTime, 'heard'>
  readonly seal?: Seal | undefined
  readonly ends: JobEnds
  readonly events: Pick<JobEvents, 'log'>
  readonly limits: Pick<WorkerLimits, 'waitingBroadcasts'>
  readonly replies: RepliesPorts
  isDraining(): boolean
  /** A message was let go of. */
  dropped(message: string): void
}

type Mode = HeldJob['mode']

/** Default of `losses`: how often a job may lose its worker while nothing else runs there. */
const defaultLosses = 3

export class Consumer implements QueueSubscriptionsListener {
  readonly #ports: ConsumerPorts

  constructor(ports: ConsumerPorts) {
    this.#ports = ports
  }

  /** A queue has handed out a job. Never throws. */
  delivered(task: string, delivery: Delivery): void {
    this.#take(task, 'queue', delivery.incoming, delivery)
  }

  /** A job for every worker has come. Never throws. */
  broadcast(task: string, incoming: Incoming): void {
    this.#take(task, 'topic', incoming)
  }

  /**
   * A job that brings this code down would bring down every worker that it is handed to, one after the other. It goes to dead
   * instead, with the reason.
   */
  #take(task: string, mode: Mode, incoming: Incoming, delivery?: Delivery): void {
    const implementation = this.#ports.implementations.get(task)!
    try {
      this.#deliver(implementation, mode, incoming, delivery)
    } catch (thrown) {
      const reason = `This worker could not handle the job: ${toWireError(thrown).message}`
      this.#giveUp(task, mode, incoming, delivery, reason)
    }
  }

  #deliver(implementation: Implementation, mode: Mode, incoming: Incoming, delivery: Delivery | undefined): void {
    const { task } = implementation
    const { clock, connection, heldJobs, memory, slots, ends, isDraining, quarantine, unopenable, seal, brokerTime } =
      this.#ports
    const now = clock.steady()
    brokerTime.heard(incoming.headers.timestamp, now)
    const read = readJob(incoming, task, mode, connection.session(), now, seal?.isSignatureRequired)
    const id = read.requestId
    const held = id === undefined ? undefined : heldJobs.get(id)
    const wasReturned = id !== undefined && memory.wasReturned(id)
    const ended = id === undefined ? undefined : memory.ended(id, now)
    const sender = incoming.headers['drover-sender']
    const isSealed = read.is === 'job' ? read.job.sealed !== undefined : undefined
    const came: JobIdentity | undefined =
      read.is === 'unanswerable' ? undefined : { task: task.name, replyTo: read.replyTo, sender, isSealed }
    const isSuspect = read.is === 'job' && read.job.alone !== undefined && !read.job.wait_ms && mode === 'queue'
    if (isSuspect) slots.beCareful()
    const decision = decide({
      read,
      mode,
      now,
      isRedelivered: incoming.headers.redelivered === 'true' && !wasReturned,
      ended,
      isHere: held !== undefined,
      whyUnanswered: came && whyUnanswered(came, held, ended),
      whyNotShared: came && whyNotShared(came, held, ended),
      cancelled: id === undefined ? undefined : memory.cancelled(task.name, id, now),
      isDraining: isDraining(),
      isUnopenable: read.is === 'job' && unopenable.has(read.job.sealed),
      isBesideDoubt: isSuspect && quarantine.isBesideDoubt(read.requestId, task.name),
      maxLosses: task.losses ?? defaultLosses,
    })
    // A worker that goes away takes no job in hand that is not its own, if it can be helped.
    const isItsOwn = decision.to === 'repeat_outcome' || decision.to === 'take_over_ack'
    if (isDraining() && delivery !== undefined && !isItsOwn && delivery.leaveUnsettled()) return
    if (decision.to === 'bury') ends.bury(task.name, incoming, delivery, decision.reason)
    else if (read.is === 'unanswerable') this.#dropBroadcast(task.name, read.reason)
    else this.#act(decision, this.#jobOf(implementation, read, mode, incoming, delivery), held)
  }

  /** @param came the job that was delivered @param held the one of its id that is here */
  #act(decision: Exclude<Decision, { to: 'bury' }>, came: HeldJob, held: HeldJob | undefined): void {
    const { duplicates, quarantine, unopenable, rests, ends, events } = this.#ports
    switch (decision.to) {
      case 'repeat_outcome':
        duplicates.repeat(decision.ended, came)
        return
      case 'take_over_ack':
        duplicates.takeOver(held!, came)
        return
      case 'refuse':
        ends.refuse(came, decision.reason)
        return
      case 'reject':
        return void ends.outcome(came, ...rejection(came, decision.issues))
      case 'cancel': {
        const { reason } = decision
        return void ends.outcome(came, reason === undefined ? { type: 'cancelled' } : { type: 'cancelled', reason })
      }
      case 'republish_lost':
        return void ends.republishLost(came, decision)
      case 'bury_lost':
        ends.buryLost(came, decision)
        return
      case 'republish_unmarked':
        return void ends.republish(came, { handed_back: undefined })
      case 'requeue':
        return void ends.requeue(came)
      case 'rest':
        rests.take(came)
        return
      case 'run':
        this.#offer(came)
        return
      case 'cannot_open':
        unopenable.take(came)
        return
      case 'run_alone':
        quarantine.run(came)
        return
      case 'pass_on':
        quarantine.passOn(came, decision.isAgain)
        return
      case 'drop':
        events.log(came, 'dropped', { reason: decision.reason })
        return
      default:
        unreachable(decision)
    }
  }

  /** Holds a job and has it run once a slot is free. */
  #offer(came: HeldJob): void {
    const { clock, heldJobs, slots, ends, limits } = this.#ports
    const waiting = came.mode === 'topic' ? slots.waiting.filter(({ mode }) => mode === 'topic').length : 0
    if (waiting >= limits.waitingBroadcasts) {
      const message = `This worker has ${waiting} broadcast jobs waiting and takes no more; try again later`
      const error = { name: 'DroverError', code: 'queue_full', message, retryable: true }
      return void ends.outcome(came, { type: 'error', error })
    }
    heldJobs.hold(came, clock, () => ends.stop(came, { why: 'timed_out' }))
    if (came.stopped === undefined) slots.offer(came) // its time may have ended since it was decided upon
  }

  /** Nobody can be told: a queue's job goes to dead. A broadcast is dropped: every worker would bury its own copy. */
  #giveUp(task: string, mode: Mode, incoming: Incoming, delivery: Delivery | undefined, reason: string): void {
    if (mode === 'queue') this.#ports.ends.bury(task, incoming, delivery, reason)
    else this.#dropBroadcast(task, reason)
  }

  #dropBroadcast(task: string, reason: string): void {
    this.#ports.dropped(`A broadcast of "${task}" was dropped: ${reason}`)
  }

  /** Makes a job of this worker from the one that was read, with its replies. It is not yet held. */
  #jobOf(
    implementation: Implementation,
    read: Exclude<ReadJob, { is: 'unanswerable' }>,
    mode: Mode,
    incoming: Incoming,
    delivery: Delivery | undefined,
  ): HeldJob {
    const { connection, replies, seal } = this.#ports
    const task = implementation.task.name
    const { requestId, replyTo, deadlineAt } = read
    const unread: Job = { v: wireVersion, request_id: requestId, task, input: undefined, attempt: 1, losses: 0 }
    const job = read.is === 'job' ? read.job : unread
    const { headers } = incoming
    const origin: JobOrigin = { requestId, replyTo, deadlineAt, headers, source: delivery?.source }
    const { namespace } = connection.session()
    const id = { namespace, task, request_id: requestId, attempt: job.attempt }
    const copy: Copy = {
      origin,
      body: incoming.body,
      delivery,
      connection: connection.number,
      seal: seal === undefined || job.sealed === undefined ? undefined : new CopySeal(seal, id, job.sealed),
    }
    const held: Omit<HeldJob, 'replies'> = {
      requestId,
      deadlineAt,
      implementation,
      task,
      mode,
      job,
      seal: copy.seal,
      copies: [copy],
      stop: new AbortController(),
      phase: 'waiting',
      stopped: undefined,
      lastProgress: undefined,
      timers: new Set(),
    }
    return Object.assign(held, { replies: new Replies(replies, held, job.attempt) })
  }
}
