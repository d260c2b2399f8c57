/**
 * From the jobs in storage to the disposal, and between them one session after another: it tells each part as sessions come
 * and go. Design section 5.
 */
import { DroverError } from '../contract/errors.ts'
import type { BrokerSession, Stomp, StompState } from '../stomp/mod.ts'
import type { ChangeListeners } from './changes.ts'
import type { Dispatcher } from './dispatch/dispatcher.ts'
import type { JobPublisher } from './dispatch/job-publisher.ts'
import type { StateQueries } from './dispatch/state-queries.ts'
import { disposed, toClosed } from './errors.ts'
import type { JobDeadlines } from './jobs/job-deadlines.ts'
import type { JobIndex } from './jobs/job-index.ts'
import { type JobStore, toStorageError } from './jobs/job-store.ts'
import type { Jobs } from './jobs/jobs.ts'
import { checkMasterId } from './options.ts'
import type { Recovery } from './recovery/recovery.ts'
import type { Current, CurrentListener } from './replies/current.ts'
import type { ReplyReader } from './replies/reply-reader.ts'
import type { ReplySubscription, ReplySubscriptionListener } from './replies/reply-subscription.ts'
import type { JobSeals } from './sealing/job-seals.ts'
import type { Timeouts } from './timeouts.ts'

/** A part that works as long as replies are read on one connection. */
interface SessionPart {
  /** The reply subscription's RECEIPT is in. */
  open(session: BrokerSession): void
  away(): void
  /** This side stood still, and heard nothing meanwhile. */
  stoodStill?(): void
}

export interface LifecyclePorts {
  readonly stomp: Stomp
  readonly ownsStomp: boolean
  /** As the host asks; else the one in storage, else a new one. */
  readonly masterId: string | undefined
  readonly newId: () => string
  readonly changes: ChangeListeners
  readonly timeouts: Timeouts
  readonly index: JobIndex
  readonly store: JobStore
  readonly jobs: Jobs
  readonly current: Current
  readonly deadlines: JobDeadlines
  readonly publisher: JobPublisher
  readonly dispatcher: Dispatcher
  readonly queries: StateQueries
  readonly recovery: Recovery
  readonly reader: ReplyReader
  readonly subscription: ReplySubscription
  readonly seals?: Pick<JobSeals, 'end'> | undefined
  /** In the order in which they are told. */
  readonly sessionParts: readonly SessionPart[]
}

export class Lifecycle implements ReplySubscriptionListener, CurrentListener {
  readonly ready: Promise<void>
  /** Absent until storage was read. */
  masterId: string | undefined
  readonly #ports: LifecyclePorts
  readonly #ready = Promise.withResolvers<void>()
  readonly #loaded: Promise<void>
  readonly #stopFollowing: () => void
  #session: BrokerSession | undefined
  #failure: DroverError | undefined
  #disposal: Promise<void> | undefined

  constructor(ports: LifecyclePorts) {
    this.#ports = ports
    this.ready = this.#ready.promise
    this.ready.catch(() => {}) // a host that does not wait for it sees the connection's state
    this.#loaded = this.#load()
    this.#stopFollowing = ports.stomp.onState(() => this.#follow())
  }

  get connection(): StompState {
    return this.#failure === undefined ? this.#ports.stomp.state : { at: 'closed', reason: this.#failure }
  }

  async #load(): Promise<void> {
    const { stomp, ownsStomp, newId, changes, index, store, jobs, recovery } = this.#ports
    try {
      const { master_id, jobs: stored, let_go, unread } = await store.load()
      this.masterId = checkMasterId(this.#ports.masterId ?? master_id ?? newId().replaceAll('-', '').slice(0, 12))
      for (const job of stored) {
        recovery.restore(job)
        changes.tell({ type: 'job', request_id: job.request_id })
      }
      if (let_go !== undefined) index.countLetGo(let_go)
      jobs.letGoOfSurplus()
      store.start(this.masterId, unread)
      this.#follow()
    } catch (cause) {
      this.#fail(toStorageError(cause))
      if (ownsStomp) void stomp.close()
    }
  }

  #follow(): void {
    const { stomp, changes, subscription } = this.#ports
    const { state } = stomp
    if (this.#failure !== undefined || this.masterId === undefined) return
    if (state.at === 'closed') this.#fail(toClosed(state.reason))
    else {
      if (state.at !== 'open' || this.#session !== undefined) this.#away()
      if (state.at === 'open') {
        this.#session = state.session
        subscription.open(state.session, this.masterId, this)
      }
    }
    changes.tell({ type: 'connection' })
  }

  /** The reply subscription's RECEIPT is in: jobs may leave. */
  subscribed(session: BrokerSession, replyTo: string): void {
    const { current, sessionParts } = this.#ports
    current.open(session, replyTo, this)
    for (const part of sessionParts) part.open(session)
    if (current.mayLeave(session)) this.#ready.resolve()
  }

  /** Without replies nothing can be dispatched. */
  refused(reason: DroverError): void {
    this.#fail(toClosed(reason))
  }

  #away(): void {
    const { subscription, current, sessionParts } = this.#ports
    this.#session = undefined
    subscription.away()
    current.away()
    for (const part of sessionParts) part.away()
  }

  /** The messages of that time are read before anything counts as silent. */
  stoodStill(): void {
    const { current, sessionParts, recovery } = this.#ports
    current.stoodStill()
    for (const part of sessionParts) part.stoodStill?.()
    recovery.stoodStill()
  }

  /** The replies that waited are read: unconfirmed and forgotten jobs go out again, and the silent ones are asked after. */
  read(before: ReadonlySet<string>): void {
    const { recovery, publisher } = this.#ports
    recovery.read(before)
    publisher.repeat()
    this.#ready.resolve()
  }

  becameCurrent(): void {
    this.#ports.deadlines.decideOverdue()
  }

  /** The reply queue is gone, or another session reads it, which may be half open. */
  silent(): void {
    const { publisher, queries, index, subscription } = this.#ports
    publisher.release()
    this.#ready.resolve()
    queries.ask(index.sentOf(index.mayHaveLeft()))
    subscription.renew()
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose(() => this.#ports.store.close())
    return this.#disposal
  }

  /** Lets go of everything, in storage too, and is disposed of. */
  async forgetAll(): Promise<void> {
    if (this.#disposal !== undefined) {
      throw new DroverError(
        'closed',
        'Cannot forget the jobs of a disposed master: call forgetAll() before you dispose of it',
      )
    }
    this.#disposal = this.#dispose(async () => {
      const { index, store } = this.#ports
      await store.erase(index.shown.keys())
      for (const requestId of [...index.shown.keys()]) index.remove(requestId)
    })
    await this.#disposal
  }

  /** @param endStorage before the connection, so that replies which it stores are acknowledged */
  async #dispose(endStorage: () => Promise<void>): Promise<void> {
    const { stomp, ownsStomp, dispatcher, reader, subscription, seals } = this.#ports
    this.#stopFollowing()
    reader.stop()
    seals?.end()
    if (this.#failure === undefined) dispatcher.close(disposed())
    await this.#loaded
    try {
      await endStorage()
    } finally {
      subscription.flush()
      const leaving = ownsStomp ? stomp.close() : subscription.leave()
      this.#fail(disposed())
      await leaving
    }
  }

  /** It is over: every handle lets go of its job, and nothing is sent any more. */
  #fail(reason: DroverError): void {
    const { timeouts, jobs, changes, dispatcher } = this.#ports
    if (this.#failure !== undefined) return
    this.#failure = reason
    dispatcher.close(reason)
    this.#away()
    timeouts.clear()
    this.#ready.reject(reason)
    jobs.detach(reason.message)
    changes.tell({ type: 'connection' })
  }
}
