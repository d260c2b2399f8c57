/**
 * The master itself: what its parts (book, journal, outbox, roster, controls, catch-up) tell each other. Everything that
 * happens to a job passes `#apply`. Design section 5.
 */
import { DroverError } from '../contract/errors.ts'
import { type AnyTask, checkTaskName, type Reply } from '../contract/mod.ts'
import {
  destinationsOf,
  type Incoming,
  prefetchHeaders,
  type Session,
  type Stomp,
  type StompState,
  type Subscription,
} from '../stomp/mod.ts'
import { Book } from './book.ts'
import { CatchUp } from './catch-up.ts'
import type { Clock } from './clock.ts'
import { Controls } from './controls.ts'
import { toWireError } from './errors.ts'
import { type FleetHandle, fleetHandle } from './fleet.ts'
import { toJsonInput } from './input.ts'
import { readReply, type Stray } from './intake.ts'
import { type JobHandle, jobHandle } from './job.ts'
import { Journal, toStorageError } from './journal.ts'
import { type BroadcastOptions, checkJobOptions, checkMasterId } from './options.ts'
import { jobMessage, Outbox } from './outbox.ts'
import { Roster } from './roster.ts'
import { type JobState, newJobState } from './state/job.ts'
import type { JobEvent } from './state/reduce.ts'
import type { Step } from './state/reply.ts'
import type { JobStorage } from './storage/storage.ts'
import { Timeouts } from './timeouts.ts'
import { Tracked } from './tracked.ts'

/** What changed; ask the master for what it is now. Many may come in one turn: merge them, by frame for instance. */
export type Change =
  | { readonly type: 'job'; readonly request_id: string }
  /** Workers, tasks, schemas or how many would answer. */
  | { readonly type: 'workers' }
  | { readonly type: 'connection' }
  | { readonly type: 'storage' }

export interface CoreOptions {
  readonly stomp: Stomp
  readonly ownsStomp: boolean
  readonly storage: JobStorage
  readonly clock: Clock
  readonly newId: () => string
  readonly masterId: string | undefined
  readonly replyQueue: 'own' | 'single'
  readonly keepEnded: number
  readonly awayGraceMs: number
}

const defaultTimeoutMs = { queue: 3_600_000, topic: 60_000 }
/** Replies handed out before the first of them is stored. */
const replyPrefetch = 100
/** How long a worker that has a job takes at most to answer its cancel. */
const cancelAnswerMs = 2000

export class Core {
  readonly book: Book
  readonly roster: Roster
  readonly ready: Promise<void>
  readonly strays: Record<Stray, number> = {
    invalid: 0,
    unknown_type: 0,
    mismatched: 0,
    unknown_job: 0,
    repeated: 0,
  }
  masterId: string | undefined
  readonly #options: CoreOptions
  readonly #timeouts: Timeouts
  readonly #journal: Journal
  readonly #outbox: Outbox
  readonly #controls: Controls
  readonly #catchUp: CatchUp
  readonly #ready = Promise.withResolvers<void>()
  readonly #listeners = new Set<(change: Change) => void>()
  readonly #handles = new Map<string, { readonly tracked: Tracked; readonly handle: JobHandle | FleetHandle }>()
  readonly #overdue = new Set<string>()
  readonly #empty = new Set<string>()
  readonly #loaded: Promise<void>
  readonly #stopListening: () => void
  #session: Session | undefined
  #replies: Subscription | undefined
  #replyTo = ''
  #failure: DroverError | undefined
  #disposal: Promise<void> | undefined

  constructor(options: CoreOptions) {
    const { stomp, clock, storage } = options
    this.#options = options
    this.ready = this.#ready.promise
    this.ready.catch(() => {}) // whoever does not wait for it sees the connection's state
    this.book = new Book(options.keepEnded)
    const timeouts = new Timeouts(clock)
    this.#timeouts = timeouts
    this.#journal = new Journal(storage, clock, (problem, lost) => this.#onStorage(problem, lost))
    this.#catchUp = new CatchUp(timeouts, before => this.#onCurrent(before))
    this.#controls = new Controls({ stomp, timeouts, onCancelSent: id => this.#onCancelSent(id) })
    this.roster = new Roster({
      stomp,
      clock,
      timeouts,
      onMembers: task => this.#onMembers(task),
      onChange: () => this.#emit({ type: 'workers' }),
      onStray: kind => this.#count(kind),
    })
    this.#outbox = new Outbox({
      stomp,
      timeouts,
      jobOf: id => this.book.jobs.get(id),
      message: (job, session) => this.#message(job, session),
      onTried: id => this.#apply(id, { type: 'tried' }),
      onSent: id => this.#apply(id, { type: 'sent', at: clock.now() }),
      onRefused: (id, error) => this.#apply(id, { type: 'refused', error: toWireError(error), at: clock.now() }),
    })
    this.#loaded = this.#load()
    this.#stopListening = stomp.onState(state => this.#onConnection(state))
  }

  get connection(): StompState {
    return this.#failure === undefined ? this.#options.stomp.state : { at: 'closed', reason: this.#failure }
  }

  get storageProblem(): Error | undefined {
    return this.#journal.problem
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
    if (this.#failure !== undefined) {
      throw new DroverError('closed', `Cannot dispatch "${name}": ${this.#failure.message}`, { cause: this.#failure })
    }
    const { signal, priority, traceparent, until, requestId = this.#options.newId() } = options
    signal?.throwIfAborted()
    if (this.book.jobs.has(requestId)) {
      throw new DroverError('config_invalid', `Cannot dispatch "${name}": there is a job ${requestId} already`)
    }
    const state = newJobState({
      request_id: requestId,
      task: name,
      mode,
      input: toJsonInput(name, input),
      timeout_ms: options.timeoutMs ?? task?.timeoutMs ?? defaultTimeoutMs[mode],
      created_at: this.#options.clock.now(),
      priority,
      traceparent,
      until,
    })
    this.book.add(state)
    this.#timeouts.set(`job ${requestId}`, state.timeout_ms, () => this.#onTimeout(requestId))
    this.#journal.put(state, () => this.#outbox.add(requestId))
    const { tracked, handle } = this.#handle(state, task)
    this.roster.watch(name)
    this.#tellRoster(requestId)
    this.#emit({ type: 'job', request_id: requestId })
    if (signal !== undefined) this.#cancelOn(signal, tracked)
    return handle
  }

  cancel(requestId: string, reason?: string): void {
    this.#apply(requestId, { type: 'cancel', reason, at: this.#options.clock.now() })
  }

  handleOf(requestId: string): JobHandle | FleetHandle | undefined {
    const state = this.book.jobs.get(requestId)
    return state === undefined ? undefined : this.#handle(state, undefined).handle
  }

  forget(requestId: string): void {
    const state = this.book.jobs.get(requestId)
    if (state === undefined) return
    if (state.phase.at !== 'ended') {
      throw new DroverError('config_invalid', `Job ${requestId} has no outcome yet; cancel it first`)
    }
    this.#drop(requestId)
    this.#emit({ type: 'job', request_id: requestId })
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose()
    return this.#disposal
  }

  async #dispose(): Promise<void> {
    this.#fail(new DroverError('closed', 'this master was disposed'))
    this.#stopListening()
    await this.#loaded.catch(() => {})
    await this.#journal.close() // before the connection, so that what is stored is acknowledged
    if (this.#options.ownsStomp) await this.#options.stomp.close()
    else await this.#replies?.unsubscribe()
    this.roster.away()
  }

  /** It is over: every handle lets go of its job, and nothing is sent any more. */
  #fail(reason: DroverError): void {
    if (this.#failure !== undefined) return
    this.#failure = reason
    this.#away()
    this.#timeouts.clear()
    this.#ready.reject(reason)
    for (const { tracked } of this.#handles.values()) tracked.detach(reason.message)
    this.#emit({ type: 'connection' })
  }

  async #load(): Promise<void> {
    const { storage, clock, newId } = this.#options
    try {
      const { master_id, jobs } = await storage.load()
      this.masterId = checkMasterId(this.#options.masterId ?? master_id ?? newId().replaceAll('-', '').slice(0, 12))
      for (const job of jobs) {
        if (this.book.jobs.has(job.request_id)) continue
        this.book.add(job)
        if (job.phase.at !== 'ended') this.#resume(job, clock.now())
        this.#emit({ type: 'job', request_id: job.request_id })
      }
      this.#journal.start(this.masterId)
      this.#onConnection(this.#options.stomp.state)
    } catch (cause) {
      const error = toStorageError(cause)
      this.#fail(error)
      if (this.#options.ownsStomp) void this.#options.stomp.close()
    }
  }

  #resume({ request_id, task, phase, created_at, timeout_ms }: JobState, now: number): void {
    // The clock may have jumped since: the job has neither more time than it was given, nor less than none.
    const remaining = Math.min(timeout_ms, Math.max(0, created_at + timeout_ms - now))
    this.#timeouts.set(`job ${request_id}`, remaining, () => this.#onTimeout(request_id))
    this.roster.watch(task)
    if (phase.at === 'unsent') this.#outbox.add(request_id)
    if (phase.at === 'cancelling') this.#controls.cancel(request_id, task, phase.reason)
  }

  #onConnection(state: StompState): void {
    if (this.#failure !== undefined || this.masterId === undefined) return
    if (state.at === 'open') this.#open(state.session)
    else if (state.at === 'closed') this.#fail(toClosed(state.reason))
    else this.#away()
    this.#emit({ type: 'connection' })
  }

  #open(session: Session): void {
    if (this.#session !== undefined) this.#away()
    this.#session = session
    const to = destinationsOf(session.namespace)
    const isSingle = this.#options.replyQueue === 'single'
    this.#replyTo = isSingle ? to.reply : to.replyOf(session.owner, this.masterId!)
    this.#replies = this.#options.stomp.subscribe(
      {
        destination: this.#replyTo,
        ack: 'client-individual',
        headers: ({ dialect }) => ({
          ...(isSingle ? {} : dialect.replyReader),
          ...prefetchHeaders(dialect, replyPrefetch),
        }),
      },
      message => this.#onReply(message),
    )
    this.#replies.ready.then(
      () => this.#session === session && this.#onReadingReplies(session),
      (error: DroverError) => {
        // Refused, whatever became of the session since: without replies nothing can be dispatched.
        if (error.code !== 'connection_lost' && error.code !== 'closed') this.#fail(error)
      },
    )
  }

  /** The reply subscription's RECEIPT is in: jobs may leave. */
  #onReadingReplies(session: Session): void {
    const before = new Set<string>()
    for (const { request_id, phase } of this.book.openJobs()) {
      if (phase.at !== 'unsent' || phase.tried) before.add(request_id)
    }
    this.#catchUp.begin(before)
    this.#outbox.open(session)
    this.#controls.open(session)
    this.roster.open(session)
    this.#ready.resolve()
  }

  #away(): void {
    this.#session = undefined
    this.#letGo(this.#replies)
    this.#replies = undefined
    this.#catchUp.away()
    this.#outbox.away()
    this.#controls.away()
    this.roster.away()
  }

  /** Each session has subscriptions of its own, for the RECEIPT of each; why one was refused is to be heard first. */
  #letGo(subscription: Subscription | undefined): void {
    if (subscription !== undefined) this.#options.clock.timer(0, () => void subscription.unsubscribe())
  }

  /** What waited is read: late jobs time out, unconfirmed ones go out again, the silent ones are asked after. */
  #onCurrent(before: ReadonlySet<string>): void {
    for (const requestId of [...this.#overdue]) this.#timeOut(requestId)
    this.#outbox.repeat()
    const silent: JobState[] = []
    for (const requestId of before) {
      const job = this.book.jobs.get(requestId)
      if (job !== undefined && job.phase.at !== 'ended' && job.phase.at !== 'unsent') silent.push(job)
    }
    this.#controls.askState(silent)
  }

  #onTimeout(requestId: string): void {
    const job = this.book.jobs.get(requestId)
    const mayHaveLeft = job !== undefined && (job.phase.at !== 'unsent' || job.phase.tried)
    if (mayHaveLeft && !this.#overdue.has(requestId) && this.#catchUp.mayHaveNews(requestId)) {
      this.#overdue.add(requestId)
      this.#timeouts.set(`job ${requestId}`, this.#options.awayGraceMs, () => this.#timeOut(requestId))
    } else this.#timeOut(requestId)
  }

  #timeOut(requestId: string): void {
    this.#overdue.delete(requestId)
    this.#apply(requestId, { type: 'timeout', at: this.#options.clock.now() })
  }

  #onCancelSent(requestId: string): void {
    if (this.book.jobs.get(requestId)?.phase.at !== 'cancelling') return
    this.#timeouts.set(`cancel ${requestId}`, cancelAnswerMs, () => {
      this.#apply(requestId, { type: 'cancel_unanswered', at: this.#options.clock.now() })
    })
  }

  #onReply(message: Incoming): void {
    this.#catchUp.heard()
    const reply = readReply(message)
    if (typeof reply === 'string') {
      this.#count(reply)
      message.ack()
      return
    }
    const before = this.book.jobs.get(reply.request_id)
    const step = this.#reduce(reply.request_id, { type: 'reply', reply, at: this.#options.clock.now() })
    if (step === undefined) {
      this.#count('unknown_job')
      message.ack()
      return
    }
    if (step.state === before) this.#count('repeated')
    // Also a repeated one: the first may be on its way to storage still.
    this.#after(before, step, () => message.ack())
    this.#meet(reply, step.state)
  }

  #meet(reply: Reply, { task }: JobState): void {
    if (reply.type === 'accepted' && reply.worker_id !== undefined)
      this.roster.accepted(task, reply.worker_id, reply.name)
  }

  #count(kind: Stray): void {
    this.strays[kind]++
  }

  #reduce(requestId: string, event: JobEvent): Step | undefined {
    return this.book.apply(requestId, event)
  }

  #apply(requestId: string, event: JobEvent): void {
    const before = this.book.jobs.get(requestId)
    const step = this.#reduce(requestId, event)
    if (step !== undefined) this.#after(before, step)
  }

  /** What follows from a change of a job's state. */
  #after(before: JobState | undefined, { state, news, publishCancel }: Step, onStored?: () => void): void {
    const { request_id, task, phase } = state
    if (state === before) {
      if (onStored !== undefined) this.#journal.after(onStored)
    } else {
      this.#journal.put(state, onStored)
      this.#handles.get(request_id)?.tracked.update(state, news)
      if (phase.at === 'ended' && before?.phase.at !== 'ended') this.#onEnded(request_id)
      this.#emit({ type: 'job', request_id })
    }
    if (publishCancel) this.#controls.cancel(request_id, task, phase.at === 'cancelling' ? phase.reason : undefined)
  }

  #onEnded(requestId: string): void {
    for (const kind of ['job', 'cancel', 'again']) this.#timeouts.delete(`${kind} ${requestId}`)
    this.#overdue.delete(requestId)
    this.#outbox.delete(requestId)
    for (const surplus of this.book.surplus()) this.#drop(surplus)
  }

  #drop(requestId: string): void {
    this.book.remove(requestId)
    this.#handles.delete(requestId)
    this.#journal.remove(requestId)
  }

  #onMembers(task: string): void {
    if (!this.roster.isKnown(task)) return
    for (const requestId of this.book.openOf('topic', task)) this.#tellRoster(requestId)
    const isEmpty = this.roster.countOf(task) === 0
    if (isEmpty === this.#empty.has(task)) return
    if (isEmpty) this.#empty.add(task)
    else this.#empty.delete(task)
    for (const requestId of this.book.openOf('queue', task)) this.#tellRoster(requestId)
  }

  #tellRoster(requestId: string): void {
    const job = this.book.jobs.get(requestId)
    if (job === undefined || !this.roster.isKnown(job.task)) return
    const at = this.#options.clock.now()
    if (job.mode === 'topic') this.#apply(requestId, { type: 'roster', members: this.roster.membersOf(job.task), at })
    else this.#apply(requestId, { type: 'unclaimed', unclaimed: this.#empty.has(job.task), at })
  }

  #onStorage(problem: DroverError | undefined, lost: readonly JobState[]): void {
    this.#emit({ type: 'storage' })
    if (problem === undefined) return
    const error = toWireError(problem)
    for (const { request_id, phase } of lost) {
      // It is not stored, so it must not leave: whoever dispatched it hears so now instead of at its timeout.
      if (phase.at === 'unsent' && !phase.tried) {
        this.#apply(request_id, { type: 'refused', error, at: this.#options.clock.now() })
      }
    }
  }

  #message(job: JobState, session: Session) {
    const remainingMs = this.#timeouts.remaining(`job ${job.request_id}`) ?? job.timeout_ms
    return jobMessage(job, session, { replyTo: this.#replyTo, remainingMs, now: this.#options.clock.now() })
  }

  #handle(state: JobState, task: AnyTask | undefined) {
    const known = this.#handles.get(state.request_id)
    if (known !== undefined) return known
    const tracked = new Tracked(state, () => this.#options.clock.now())
    if (this.#failure !== undefined) tracked.detach(this.#failure.message)
    const cancel = (requestId: string, reason?: string) => this.cancel(requestId, reason)
    const handle = state.mode === 'queue' ? jobHandle(tracked, task, cancel) : fleetHandle(tracked, task, cancel)
    const made = { tracked, handle }
    this.#handles.set(state.request_id, made)
    return made
  }

  #cancelOn(signal: AbortSignal, { state, ended }: Tracked): void {
    const onAbort = () => {
      const { reason } = signal
      this.cancel(state.request_id, reason instanceof Error ? reason.message : String(reason))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    void ended.then(() => signal.removeEventListener('abort', onAbort))
  }

  #emit(change: Change): void {
    for (const listener of this.#listeners) listener(change)
  }
}

function toClosed(reason: Error | undefined): DroverError {
  if (reason instanceof DroverError) return reason
  return new DroverError('closed', reason?.message ?? 'the connection was closed', { cause: reason })
}
