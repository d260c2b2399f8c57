/**
 * A worker tells the masters that dispatch its tasks that it is there. Announcements are rationed to one a second and task; a
 * ping that comes sooner is answered by a beat, because a roster counts as known half a second after its ping, and by an
 * announcement once it may be: the master that pinged has not heard the last one.
 */
import type { Clock } from '../../shared/clock.ts'
import { type Announce, type Beat, type WorkerState, wireVersion } from '../../shared/contract/mod.ts'
import type { Outgoing, Stomp } from '../../shared/stomp/mod.ts'
import { destinationsOf } from '../../shared/stomp/mod.ts'
import type { WorkerConnection } from '../connection.ts'
import type { Queues } from '../consume/queues.ts'
import type { Slots } from '../consume/slots.ts'
import type { WorkerRuntime } from '../options.ts'
import type { StuckRuns } from '../run/stuck-runs.ts'
import type { JobEnds } from '../settle/job-ends.ts'
import type { AnnouncedTask } from './input-schema.ts'

export interface PresencePorts {
  readonly stomp: Stomp
  readonly announced: readonly AnnouncedTask[]
  readonly workerId: string
  readonly name: string
  readonly runtime: Pick<WorkerRuntime, 'host' | 'version'>
  readonly concurrency: number
  readonly presenceIntervalMs: number
  readonly connection: Pick<WorkerConnection, 'number'>
  readonly slots: Pick<Slots, 'taken'>
  readonly ends: Pick<JobEnds, 'counts'>
  readonly queues: Pick<Queues, 'isNamed'>
  readonly stuck: Pick<StuckRuns, 'count'>
  isDraining(): boolean
  readonly clock: Clock
}

const announceEveryMs = 1_000
const beatEveryMs = 100
const features: readonly string[] = ['cancel', 'partial', 'progress', 'state']

export class Presence {
  readonly #ports: PresencePorts
  readonly #startedAt: number
  readonly #announcedAt = new Map<string, number>()
  readonly #beatAt = new Map<string, number>()
  /** How to stop each, by the action that waits for it. */
  readonly #timers = new Map<string, () => void>()
  #isStarted = false
  #state: WorkerState | undefined
  #stuck = 0
  #isGone = false

  constructor(ports: PresencePorts) {
    this.#ports = ports
    this.#startedAt = ports.clock.now()
  }

  /** Begins to beat, and announces every task. */
  start(): void {
    if (!this.#isStarted) this.#beatLater()
    this.#isStarted = true
    for (const { name } of this.#ports.announced) this.#announce(name)
  }

  /** The connection is back: everybody may have thought this worker gone. */
  again(): void {
    if (this.#isStarted) for (const { name } of this.#ports.announced) this.#announceSoon(name)
  }

  /** Somebody asks who is there. */
  pinged(task: string): void {
    if (this.#isGone) return
    if (this.#sinceMs(this.#announcedAt, task) >= announceEveryMs) this.#announce(task)
    else {
      this.#once(`beat ${task}`, beatEveryMs - this.#sinceMs(this.#beatAt, task), () => this.#beat(task))
      this.#announceSoon(task)
    }
  }

  /** Something happened: announces when the state is another one, or more or fewer runs are stuck. */
  changed(): void {
    const isSame = this.#stateNow === this.#state && this.#ports.stuck.count === this.#stuck
    if (isSame || !this.#isStarted) return
    for (const { name } of this.#ports.announced) this.#announceSoon(name)
  }

  /** Says that this worker is gone, as its last words. @returns resolves on the receipts; never rejects */
  async gone(): Promise<void> {
    if (this.#isGone) return
    this.#isGone = true
    this.#isStarted = false
    for (const stop of this.#timers.values()) stop()
    this.#timers.clear()
    const last = this.#ports.announced.map(({ name }) => this.#ports.stomp.publish(this.#beatMessage(name)))
    await Promise.allSettled(last)
  }

  get #stateNow(): WorkerState {
    const { slots, concurrency, isDraining } = this.#ports
    return isDraining() ? 'draining' : slots.taken >= concurrency ? 'busy' : 'idle'
  }

  #beatLater(): void {
    this.#once('beats', this.#ports.presenceIntervalMs, () => {
      this.#beatLater()
      for (const { name } of this.#ports.announced) this.#beat(name)
    })
  }

  #beat(task: string): void {
    this.#beatAt.set(task, this.#ports.clock.steady())
    this.#send(this.#beatMessage(task))
  }

  #beatMessage(task: string): Outgoing {
    return this.#message(task, this.#words())
  }

  #announceSoon(task: string): void {
    this.#once(`announce ${task}`, announceEveryMs - this.#sinceMs(this.#announcedAt, task), () => {
      this.#announce(task)
    })
  }

  #announce(task: string): void {
    const { runtime, clock, connection, queues, stuck } = this.#ports
    this.#announcedAt.set(task, clock.steady())
    const words = this.#words()
    this.#state = words.state
    this.#stuck = stuck.count
    const announced = this.#ports.announced.find(({ name }) => name === task)
    const announce: Announce = {
      ...words,
      type: 'announce',
      task,
      input_schema: announced?.inputSchema,
      sealed: announced?.sealed,
      ...announced?.limits,
      runtime: runtime.version,
      host: runtime.host,
      started_at: this.#startedAt,
      features: queues.isNamed ? [...features, 'named'] : [...features],
      connection: connection.number,
      ...(stuck.count === 0 ? {} : { stuck: stuck.count }),
    }
    this.#send(this.#message(task, announce))
  }

  #words(): Beat {
    const { workerId, name, concurrency, presenceIntervalMs, slots, ends, clock } = this.#ports
    return {
      v: wireVersion,
      type: 'beat',
      worker_id: workerId,
      name,
      state: this.#isGone ? 'gone' : this.#stateNow,
      concurrency,
      active: slots.taken,
      ...ends.counts,
      at: clock.now(),
      interval_ms: presenceIntervalMs,
    }
  }

  #message(task: string, words: Beat | Announce): Outgoing {
    const { state } = this.#ports.stomp
    const ns = state.at === 'open' ? state.session.namespace : ''
    return {
      destination: destinationsOf(ns).presence(task),
      headers: { 'content-type': 'application/json', persistent: 'false' },
      body: JSON.stringify(words),
    }
  }

  #send(message: Outgoing): void {
    if (this.#ports.stomp.state.at !== 'open') return
    try {
      this.#ports.stomp.publishUnconfirmed(message)
    } catch {
      // too large for this connection: the beats still say that it is there
    }
  }

  #sinceMs(times: ReadonlyMap<string, number>, task: string): number {
    return this.#ports.clock.steady() - (times.get(task) ?? Number.NEGATIVE_INFINITY)
  }

  #once(key: string, waitMs: number, action: () => void): void {
    if (waitMs <= 0) action()
    if (waitMs <= 0 || this.#timers.has(key)) return
    const run = (): void => {
      this.#timers.delete(key)
      action()
    }
    this.#timers.set(key, this.#ports.clock.timer(waitMs, run))
  }
}
