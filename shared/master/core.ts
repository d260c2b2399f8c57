/** The master itself: what its parts (line, jobs, outbox, roster, controls, catch-up) tell each other. Design section 5. */
import { DroverError } from '../contract/errors.ts'
import { type AnyTask, checkTaskName } from '../contract/mod.ts'
import { callEach, type Incoming, type Session, type StompState } from '../stomp/mod.ts'
import type { Change, CoreOptions } from './changes.ts'
import { Controls } from './dispatch/cancels.ts'
import { toJsonInput } from './dispatch/input.ts'
import { JobPublisher, jobMessage } from './dispatch/job-publisher.ts'
import { ownSchema, Secrets } from './dispatch/secrets.ts'
import { disposed, toClosed, toWireError } from './errors.ts'
import type { FleetHandle } from './jobs/broadcast-handle.ts'
import { cancelOn } from './jobs/job-feed.ts'
import type { JobHandle } from './jobs/job-handle.ts'
import { toStorageError } from './jobs/job-store.ts'
import { Jobs } from './jobs/jobs.ts'
import { type JobState, newJobState } from './jobs/state/job.ts'
import { type BroadcastOptions, checkJobOptions, checkMasterId, defaultTimeoutMs } from './options.ts'
import { Attendance } from './presence/attendance.ts'
import { Roster } from './presence/roster.ts'
import { Recovery } from './recovery/recovery.ts'
import { Current } from './replies/current.ts'
import { DiscardCounter, readReply } from './replies/reply-reader.ts'
import { ReplySubscription } from './replies/reply-subscription.ts'
import { Timeouts } from './timeouts.ts'

export class Core {
  readonly jobs: Jobs
  readonly roster: Roster
  readonly ready: Promise<void>
  readonly strays: DiscardCounter = new DiscardCounter(() => this.#emit({ type: 'strays' }))
  masterId: string | undefined
  readonly #options: CoreOptions
  readonly #timeouts: Timeouts
  readonly #line: ReplySubscription
  readonly #outbox: JobPublisher
  readonly #controls: Controls
  readonly #current: Current
  readonly #secrets = new Secrets()
  readonly #ready = Promise.withResolvers<void>()
  readonly #listeners = new Set<(change: Change) => void>()
  readonly #attendance: Attendance
  readonly #loaded: Promise<void>
  readonly #stopListening: () => void
  readonly #recovery: Recovery
  #failure: DroverError | undefined
  #disposal: Promise<void> | undefined

  constructor(options: CoreOptions) {
    const { stomp, clock } = options
    const timeouts = new Timeouts(clock, () => this.#onStoodStill())
    this.#options = options
    this.#timeouts = timeouts
    this.ready = this.#ready.promise
    this.ready.catch(() => {}) // whoever does not wait for it sees the connection's state
    this.jobs = new Jobs({
      ...options,
      timeouts,
      mayHaveNews: id => this.#current.mayHaveNews(id),
      nameOf: id => this.roster.workers.get(id)?.name,
      publishCancel: (id, task, reason) => this.#controls.cancel(id, task, reason),
      tellRoster: id => this.#attendance.tell(id),
      onEnded: id => {
        this.#outbox.delete(id)
        this.#secrets.forget(id)
      },
      onChange: id => this.#emit({ type: 'job', request_id: id }),
      onStorage: () => this.#emit({ type: 'storage' }),
    })
    this.#current = new Current({
      ...options,
      timeouts,
      mayHaveLeft: () => this.jobs.mayHaveLeft(),
      onRead: before => this.#onRead(before),
      onCurrent: () => this.jobs.decideOverdue(),
      onSilent: () => this.#onSilent(),
    })
    const message = (job: JobState, session: Session) => this.#message(job, session)
    const sending = { stomp, timeouts, message, book: this.jobs.book }
    this.#controls = new Controls({
      ...sending,
      isWhole: job => this.#secrets.has(job),
      onCancelSent: id => this.jobs.cancelSent(id),
    })
    this.roster = new Roster({
      stomp,
      clock,
      timeouts,
      onMembers: task => this.#attendance.changed(task),
      onConnected: (...who) => this.#controls.connected(...who),
      onChange: () => this.#emit({ type: 'workers' }),
      onStray: kind => this.strays.count(kind),
    })
    this.#attendance = new Attendance(this.roster, this.jobs, clock)
    this.#outbox = new JobPublisher({
      ...sending,
      onTried: (id, unordered, { run }) => this.jobs.tried(id, unordered, run),
      onSent: id => {
        this.#secrets.forget(id)
        this.jobs.apply(id, { type: 'sent', at: clock.now() })
      },
      onRefused: (id, error) => this.jobs.apply(id, { type: 'refused', error: toWireError(error), at: clock.now() }),
      mayLeave: session => this.#current.mayLeave(session),
    })
    const own = { controls: this.#controls, outbox: this.#outbox, secrets: this.#secrets }
    this.#recovery = new Recovery({ ...options, timeouts, jobs: this.jobs, roster: this.roster, ...own })
    this.#line = new ReplySubscription({
      ...options,
      onReady: session => this.#onReadingReplies(session),
      onAway: () => this.#onAway(),
      onClosed: reason => this.#fail(toClosed(reason)),
      onMessage: message => this.#onReply(message),
    })
    this.#loaded = this.#load()
    this.#stopListening = stomp.onState(() => this.#follow())
  }

  get connection(): StompState {
    return this.#failure === undefined ? this.#options.stomp.state : { at: 'closed', reason: this.#failure }
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  start(
    mode: JobState['mode'],
    name: string,
    task: AnyTask | undefined,
    input: unknown,
    options: BroadcastOptions,
  ): JobHandle | FleetHandle {
    checkTaskName(name)
    checkJobOptions(options)
    const failure = this.#failure ?? (this.#disposal && disposed())
    if (failure !== undefined) {
      throw new DroverError('closed', `Cannot dispatch "${name}": ${failure.message}`, { cause: failure })
    }
    const { signal, priority, traceparent, until, requestId = this.#options.newId() } = options
    signal?.throwIfAborted()
    if (this.jobs.book.jobs.has(requestId)) {
      throw new DroverError('config_invalid', `Cannot dispatch "${name}": there is a job ${requestId} already`)
    }
    const schemas = [options.inputSchema, ownSchema(task), this.roster.schemaOf(name)]
    const state = newJobState({
      request_id: requestId,
      task: name,
      mode,
      ...this.#secrets.keep(requestId, toJsonInput(name, input), schemas),
      timeout_ms: options.timeoutMs ?? task?.timeoutMs ?? defaultTimeoutMs[mode],
      created_at: this.#options.clock.now(),
      priority,
      traceparent,
      until,
    })
    const { feed, handle } = this.jobs.add(state, task, () => this.#outbox.add(requestId))
    this.roster.watch(name)
    this.#attendance.tell(requestId)
    this.#emit({ type: 'job', request_id: requestId })
    if (signal !== undefined) cancelOn(signal, feed, reason => this.cancel(requestId, reason))
    return handle
  }

  cancel(requestId: string, reason?: string): void {
    this.jobs.apply(requestId, { type: 'cancel', reason, at: this.#options.clock.now() })
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose(() => this.jobs.journal.close())
    return this.#disposal
  }

  /** Lets go of everything, in storage too, and is disposed of. */
  async forgetAll(): Promise<void> {
    if (this.#disposal !== undefined) {
      throw new DroverError('closed', 'Cannot forget what a disposed master keeps: ask before it is disposed of')
    }
    this.#disposal = this.#dispose(async () => {
      const { book, journal } = this.jobs
      await journal.erase(book.jobs.keys())
      for (const requestId of [...book.jobs.keys()]) book.remove(requestId)
    })
    await this.#disposal
  }

  /** @param endStorage before the connection, so that what is stored is acknowledged */
  async #dispose(endStorage: () => Promise<void>): Promise<void> {
    this.#stopListening()
    await this.#loaded
    try {
      await endStorage()
    } finally {
      const leaving = this.#options.ownsStomp ? this.#options.stomp.close() : this.#line.leave()
      this.#fail(disposed())
      await leaving
    }
  }

  /** It is over: every handle lets go of its job, and nothing is sent any more. */
  #fail(reason: DroverError): void {
    if (this.#failure !== undefined) return
    this.#failure = reason
    this.#line.away()
    this.#timeouts.clear()
    this.#ready.reject(reason)
    this.jobs.detach(reason.message)
    this.#emit({ type: 'connection' })
  }

  async #load(): Promise<void> {
    const { storage, newId } = this.#options
    try {
      const { master_id, jobs, let_go, unread } = await storage.load()
      this.masterId = checkMasterId(this.#options.masterId ?? master_id ?? newId().replaceAll('-', '').slice(0, 12))
      for (const job of jobs) {
        this.#recovery.restore(job)
        this.#emit({ type: 'job', request_id: job.request_id })
      }
      if (let_go !== undefined) this.jobs.book.countLetGo(let_go)
      this.jobs.letGoOfSurplus()
      this.jobs.journal.start(this.masterId, unread)
      this.#follow()
    } catch (cause) {
      this.#fail(toStorageError(cause))
      if (this.#options.ownsStomp) void this.#options.stomp.close()
    }
  }

  #follow(): void {
    if (this.#failure !== undefined || this.masterId === undefined) return
    this.#line.follow(this.#options.stomp.state, this.masterId)
    this.#emit({ type: 'connection' })
  }

  /** The reply subscription's RECEIPT is in: jobs may leave. */
  #onReadingReplies(session: Session): void {
    this.#current.open(session, this.#line.replyTo)
    this.#outbox.open(session)
    this.#controls.open(session)
    this.roster.open(session)
    if (this.#current.mayLeave(session)) this.#ready.resolve()
  }

  /** What came meanwhile is read before anything counts as silent. */
  #onStoodStill(): void {
    this.#current.stoodStill()
    this.roster.stoodStill()
    this.#recovery.stoodStill()
  }

  #onAway(): void {
    this.#current.away()
    this.#outbox.away()
    this.#controls.away()
    this.roster.away()
  }

  /** The reply queue is gone, or another session reads it, which may be half open. */
  #onSilent(): void {
    this.#outbox.release()
    this.#ready.resolve()
    this.#controls.askState(this.jobs.sentOf(this.jobs.mayHaveLeft()))
    this.#line.renew(this.masterId!)
  }

  /** What waited is read: unconfirmed and forgotten jobs go out again, and the silent ones are asked after. */
  #onRead(before: ReadonlySet<string>): void {
    this.#recovery.read(before)
    this.#outbox.repeat()
    this.#ready.resolve()
  }

  #onReply(message: Incoming): void {
    if (this.#disposal !== undefined) return // it waits for who comes next
    if (this.#current.heard(message)) return
    const read = readReply(message, id => this.jobs.book.jobs.has(id))
    if (typeof read === 'string') {
      this.strays.letGo(message, read)
      return
    }
    const { reply, otherwise } = read
    const became = this.jobs.applyReply(reply, () => message.ack())
    if (became === 'repeated') this.strays.count('repeated')
    this.#recovery.replied(reply)
    if (became === 'unknown') this.strays.letGo(message, otherwise)
    else if (reply.type === 'accepted' && reply.worker_id !== undefined) {
      this.roster.accepted(this.jobs.book.jobs.get(reply.request_id)!.task, reply.worker_id, reply.name)
    }
  }

  #message(job: JobState, session: Session) {
    const { replyTo } = this.#line
    const leaving = { replyTo, remainingMs: this.jobs.remaining(job), now: this.#current.brokerNow() }
    return jobMessage(this.#secrets.whole(job), session, leaving)
  }

  #emit(change: Change): void {
    callEach(this.#listeners, change)
  }
}
