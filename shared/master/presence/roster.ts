/**
 * The roster: which workers presence says should answer, by task. Known 500 ms after a ping that was sent once the
 * presence subscription's RECEIPT was in; a worker that accepts a job joins it, draining workers leave it. Promise 2.
 */

import type { Clock } from '../../clock.ts'
import type { DroverError } from '../../contract/errors.ts'
import { lateAfterBeats } from '../../contract/mod.ts'
import { type BrokerSession, destinationsOf, type Incoming, type Stomp, type Subscription } from '../../stomp/mod.ts'
import type { ChangeListeners } from '../changes.ts'
import type { Member } from '../jobs/state/broadcast.ts'
import type { DiscardCounter } from '../replies/discards.ts'
import { endSoon, isGone } from '../subscriptions.ts'
import type { Timeouts } from '../timeouts.ts'
import { Liveness } from './liveness.ts'
import { Names } from './names.ts'
import { ping, pingConfirmed } from './ping.ts'
import { everyTask, presenceHeaders, readPresence } from './read-presence.ts'
import { announced, newTaskRoster, type TaskInfo, type TaskRoster, taskInfo } from './task-roster.ts'
import { ToldWorkers } from './told-workers.ts'
import { type Heard, heardNow, isOther, takes, type WorkerInfo, workerOf } from './worker-info.ts'

const knownAfterMs = 500
const maxWorkers = 10_000
const maxTasks = 10_000

export interface RosterPorts {
  readonly stomp: Stomp
  readonly clock: Clock
  readonly timeouts: Timeouts
  readonly changes: ChangeListeners
  readonly discards: Pick<DiscardCounter, 'count'>
}

/** Does something when workers come and go. */
export interface RosterListener {
  /** The workers that should answer for this task changed, or became known. */
  membersChanged?(task: string): void
  /** A worker announced itself by a new connection; earlier messages to it may be lost. */
  connected?(worker: WorkerInfo, isFirstHeard: boolean): void
}

export class Roster {
  readonly workers: Map<string, WorkerInfo> = new Map()
  readonly #ports: RosterPorts
  readonly #listeners: RosterListener[] = []
  readonly #tasks = new Map<string, TaskRoster>()
  readonly #watched = new Set<string>()
  readonly #asked = new Set<string>()
  readonly #names = new Names()
  readonly #liveness: Liveness<BrokerSession>
  readonly #refused = new Set<string>()
  readonly #told = new ToldWorkers()
  /** When each was last heard, by itself or by a bridge; steady. */
  readonly #heardAt = new Map<string, number>()
  #every: Subscription | undefined
  #session: BrokerSession | undefined

  constructor(ports: RosterPorts) {
    this.#ports = ports
    this.#liveness = new Liveness({
      timeouts: ports.timeouts,
      workers: this.workers,
      ask: (task, session) => pingConfirmed(task, session, ports.stomp),
      onGone: worker => this.#onGone(worker),
      onForgotten: workerId => this.#forget(workerId),
      isTold: workerId => this.#told.has(workerId),
    })
  }

  /** When a worker last said anything that is known here; steady, ms. `undefined`: never. */
  heardAt(workerId: string): number | undefined {
    return this.#heardAt.get(workerId)
  }

  listen(listener: RosterListener): void {
    this.#listeners.push(listener)
  }

  /** Begins to read the presence of a task; of every task with `*`. */
  watch(task: string): void {
    if (this.#watched.has(task)) return
    this.#watched.add(task)
    if (task !== everyTask) this.#rosterOf(task)
    if (this.#session !== undefined) this.#subscribe(task, this.#session)
  }

  open(session: BrokerSession): void {
    this.#session = session
    this.#liveness.open(session)
    for (const task of this.#watched) this.#subscribe(task, session)
  }

  /** Beats of that time were not heard: no worker counts as late for them. */
  stoodStill(): void {
    this.#liveness.stoodStill()
    for (const roster of this.#tasks.values()) {
      if (this.#ports.timeouts.has(`roster ${roster.task}`)) this.#knowLater(roster)
    }
  }

  away(): void {
    this.#session = undefined
    this.#asked.clear()
    this.#untold(this.#told.clear())
    this.#liveness.away()
    endSoon(this.#every, this.#ports.clock)
    for (const roster of this.#tasks.values()) {
      roster.known = false
      endSoon(roster.subscription, this.#ports.clock)
      this.#ports.timeouts.delete(`roster ${roster.task}`)
    }
  }

  isKnown(task: string): boolean {
    return this.#tasks.get(task)?.known ?? false
  }

  /** Every worker that was heard of, those that drain or are gone included. */
  membersOf(task: string): ReadonlyMap<string, Member> {
    const members = new Map<string, Member>()
    for (const id of this.#tasks.get(task)?.workers ?? []) {
      const worker = this.workers.get(id)
      if (worker !== undefined) members.set(id, worker)
    }
    return members
  }

  /** How many workers would answer: none that an operator has paused. */
  countOf(task: string): number {
    const heard = [...(this.#tasks.get(task)?.workers ?? [])].map(id => this.workers.get(id))
    return heard.filter(worker => takes(worker, task)).length
  }

  /** JSON Schema of a task's input, where a worker has announced one. */
  schemaOf(task: string): unknown {
    return this.#tasks.get(task)?.input_schema
  }

  tasks(): TaskInfo[] {
    return [...this.#tasks.values()].map(roster => taskInfo(roster, this.countOf(roster.task)))
  }

  /** A worker took a job: it is there, even if presence says otherwise. */
  accepted(task: string, workerId: string, name: string | undefined): void {
    const known = this.workers.get(workerId)
    if (known?.tasks.includes(task) && known.state !== 'gone') return
    this.#hear(task, {
      ...(known ?? { concurrency: 1, active: 1, processed: 0, failed: 0, interval_ms: 10_000 }),
      worker_id: workerId,
      name: name ?? known?.name ?? workerId,
      paused: undefined,
      state: known === undefined || known.state === 'gone' ? 'busy' : known.state,
    })
  }

  #subscribe(task: string, session: BrokerSession): void {
    if (this.#refused.has(task)) return
    const { stomp } = this.#ports
    const isEvery = task === everyTask
    const destination = destinationsOf(session.namespace).presence(isEvery ? session.dialect.wildcards.rest : task)
    const subscription = stomp.subscribe({ destination, ack: 'auto', headers: presenceHeaders }, incoming => {
      if (this.#session === session) this.#read(session, task, incoming)
    })
    if (isEvery) {
      this.#every = subscription
      subscription.ready.catch(error => this.#onRefused(task, error))
      return
    }
    const roster = this.#rosterOf(task)
    roster.subscription = subscription
    subscription.ready.then(
      () => this.#session === session && roster.subscription === subscription && this.#ask(roster, session),
      error => this.#onRefused(task, error),
    )
  }

  /** Not granted, or away again. Without it the roster stays unknown, and broadcasts end by their timeout. */
  #onRefused(task: string, error: DroverError): void {
    if (!isGone(error)) this.#refused.add(task)
  }

  #ask(roster: TaskRoster, session: BrokerSession): void {
    // A bridge that tells of it has asked
    if (!this.#told.isTold(roster.task)) ping(roster.task, session, this.#ports.stomp)
    this.#knowLater(roster)
  }

  #knowLater(roster: TaskRoster): void {
    this.#ports.timeouts.set(`roster ${roster.task}`, knownAfterMs, () => {
      roster.known = true
      this.#membersChanged(roster.task)
      this.#changed()
    })
  }

  #read(session: BrokerSession, watched: string, incoming: Incoming): void {
    const { workers, bridge } = readPresence(incoming, watched, session.namespace, this.workers, this.#ports.discards)
    if (bridge?.isSnapshot) this.#untold(this.#told.begin(watched))
    for (const { task, said, silentMs } of workers) {
      if (bridge) this.#told.add(watched, said.worker_id)
      this.#hear(task, said, silentMs)
      // If it took a job all the same, the bridge does not say a second time that it is gone
      if (bridge && said.state === 'gone') this.#told.remove(said.worker_id)
    }
    if (bridge?.isEnd) this.#subscribeAgain(watched, session)
  }

  /** A bridge tells no more, and may do so again; or it can take over from the broker. */
  #subscribeAgain(watched: string, session: BrokerSession): void {
    const isUnheard = this.#told.isTold(watched)
    this.#untold(this.#told.end(watched))
    const roster = watched === everyTask ? undefined : this.#rosterOf(watched)
    // First: a session may have only so many subscriptions
    void (roster === undefined ? this.#every : roster.subscription)?.unsubscribe()
    if (roster !== undefined && isUnheard) {
      roster.known = false
      this.#ports.timeouts.delete(`roster ${watched}`)
    }
    this.#subscribe(watched, session)
  }

  /** From here on they have to be heard. */
  #untold(ids: readonly string[]): void {
    for (const id of ids) {
      const worker = this.workers.get(id)
      if (worker === undefined || worker.state === 'gone') continue
      const heard = heardNow(worker, this.#ports.clock.now())
      this.workers.set(id, heard)
      this.#liveness.heard(heard)
    }
  }

  #hear(task: string, said: Heard, silentMs = 0): void {
    const before = this.workers.get(said.worker_id)
    if (before === undefined && (said.state === 'gone' || this.workers.size >= maxWorkers)) return
    if (!this.#tasks.has(task) && this.#tasks.size >= maxTasks) return
    const roster = this.#rosterOf(task)
    announced(roster, said)
    const isTold = this.#told.has(said.worker_id)
    const isLate = silentMs >= lateAfterBeats * said.interval_ms
    const worker = workerOf(said, task, before, this.#ports.clock.now() - silentMs, isTold && !isLate)
    roster.workers.add(worker.worker_id)
    this.workers.set(worker.worker_id, worker)
    this.#heardAt.set(worker.worker_id, this.#ports.clock.steady() - silentMs)
    this.#liveness.heard(worker)
    for (const id of this.#names.named(worker, before)) this.#liveness.suspect(this.workers.get(id))
    if (!isTold && (worker.started_at === undefined || !roster.isAnnounced)) this.#askWho(task)
    if (isOther(worker, before)) for (const one of worker.tasks) this.#membersChanged(one)
    if (worker.connection !== before?.connection)
      for (const listener of this.#listeners) listener.connected?.(worker, before?.connection === undefined)
    this.#changed()
  }

  /** A beat says neither runtime nor schema: workers and tasks that were heard of only by beats are asked after once. */
  #askWho(task: string): void {
    if (this.#session === undefined || this.#asked.has(task)) return
    this.#asked.add(task)
    ping(task, this.#session, this.#ports.stomp)
  }

  #onGone(worker: WorkerInfo): void {
    this.workers.set(worker.worker_id, worker)
    for (const task of worker.tasks) this.#membersChanged(task)
    this.#changed()
  }

  #forget(workerId: string): void {
    this.#names.remove(this.workers.get(workerId))
    this.workers.delete(workerId)
    this.#heardAt.delete(workerId)
    for (const roster of this.#tasks.values()) roster.workers.delete(workerId)
    this.#changed()
  }

  #membersChanged(task: string): void {
    for (const listener of this.#listeners) listener.membersChanged?.(task)
  }

  #changed(): void {
    this.#ports.changes.tell({ type: 'workers' })
  }

  #rosterOf(task: string): TaskRoster {
    const known = this.#tasks.get(task)
    if (known !== undefined) return known
    const roster = newTaskRoster(task)
    this.#tasks.set(task, roster)
    return roster
  }
}
