/** A worker from its start to its end: its subscriptions, and each part that is told as connections come and go. */
import { DroverError } from '../shared/contract/mod.ts'
import type { Stomp, StompState, Subscription } from '../shared/stomp/mod.ts'
import type { ConnectionListener, WorkerConnection } from './connection.ts'
import { type BroadcastsPorts, subscribeBroadcasts } from './consume/broadcasts.ts'
import type { BrokerTime } from './consume/broker-time.ts'
import { type ControlPorts, subscribeControl } from './consume/control.ts'
import type { LongHolds } from './consume/long-holds.ts'
import type { Rests } from './consume/rests.ts'
import type { Slots } from './consume/slots.ts'
import type { UnackedLimit } from './consume/unacked-limit.ts'
import { type DrainPorts, drain } from './drain.ts'
import type { Implementation } from './implement.ts'
import type { Isolates } from './isolate/isolates.ts'
import type { WorkerOptions, WorkerRuntime } from './options.ts'
import type { Presence } from './presence/presence.ts'
import { reportAllAgain } from './run/reports.ts'
import type { StallDetector } from './run/stall.ts'
import type { KeptMemory } from './settle/kept-memory.ts'
import type { ReplyBuffer } from './settle/reply-buffer.ts'

export interface LifecyclePorts extends Omit<DrainPorts & ControlPorts & BroadcastsPorts, 'stomp'> {
  readonly stomp: DrainPorts['stomp'] & ControlPorts['stomp'] & Pick<Stomp, 'onState' | 'state'>
  readonly runtime: Pick<WorkerRuntime, 'onShutdown' | 'onUncaughtError'>
  readonly options: Pick<WorkerOptions, 'signals' | 'surviveUncaughtErrors' | 'drainTimeoutMs'>
  readonly implementations: ReadonlyMap<string, Implementation>
  readonly connection: WorkerConnection
  readonly replyBuffer: Pick<ReplyBuffer, 'flush' | 'send'>
  readonly slots: Slots
  readonly rests: Pick<Rests, 'connectionLost'>
  readonly brokerTime: Pick<BrokerTime, 'heard' | 'connectionLost'>
  readonly unackedLimit: UnackedLimit
  readonly longHolds: LongHolds
  readonly presence: Presence
  readonly stall: StallDetector
  readonly isolates: Pick<Isolates, 'start' | 'stop'>
  /** Tells of an error that nobody waits for. */
  uncaught(thrown: unknown): void
  /** Absent where it remembers in memory alone. */
  readonly state?: Pick<KeptMemory, 'claim' | 'close'> | undefined
}

export class Lifecycle implements ConnectionListener {
  readonly #ports: LifecyclePorts
  /** Resolves once it has drained; rejects when its connection was refused for good. */
  readonly closed: Promise<void>
  readonly #closed = Promise.withResolvers<void>()
  readonly #stopListening: () => void
  readonly #stopSurviving: () => void
  #broadcasts: Subscription[] = []
  #isStarted = false
  #isDraining = false
  #drained: Promise<void> | undefined

  constructor(ports: LifecyclePorts) {
    const { runtime, options, connection, stomp, uncaught } = ports
    this.#ports = ports
    this.closed = this.#closed.promise
    // No outcome could be sent any more, and the broker hands the jobs out again.
    this.closed.catch(() => void this.drain(0))
    connection.follow(stomp, this)
    this.#stopListening = options.signals === false ? nothing : runtime.onShutdown(() => void this.drain())
    this.#stopSurviving = options.surviveUncaughtErrors === false ? nothing : runtime.onUncaughtError(uncaught)
  }

  get isDraining(): boolean {
    return this.#isDraining
  }

  /** Subscribes to all that its tasks come by, then says that it is there. Where that fails it drains, and rejects. */
  async start(): Promise<void> {
    try {
      await this.#ports.isolates.start()
      await this.#subscribe()
      this.#isStarted = true
      if (!this.isDraining) this.#ports.presence.start()
    } catch (error) {
      await this.drain()
      throw error
    }
  }

  async #subscribe(): Promise<void> {
    const { stomp, connection, implementations, slots, unackedLimit, problem } = this.#ports
    const session = await stomp.opened()
    this.#ports.state?.claim(session.namespace)
    const { state } = stomp
    if (connection.is(session, state.at === 'open' && state.session === session)) this.changed(state)
    const limit = unackedLimit.atStart(
      session.dialect,
      [...implementations.values()].map(({ task }) => task),
    )
    if (limit !== undefined) problem(limit)
    const tasks = [...implementations.keys()]
    const controls = tasks.map(task => subscribeControl(this.#ports, task))
    await Promise.all(controls.map(({ ready }) => ready)) // a cancel is heard before its job can come
    this.#broadcasts = tasks.map(task => subscribeBroadcasts(this.#ports, task))
    if (!this.isDraining) slots.adjust()
    await Promise.all([...this.#broadcasts.map(({ ready }) => ready), slots.ready()])
  }

  changed(state: StompState): void {
    const { tell, stall, longHolds } = this.#ports
    if (this.#isStarted && state.at === 'waiting') longHolds.connectionEnds(state.reason)
    if (this.#isStarted || !isMisconfigured(state)) tell({ type: 'connection', state: stall.blamed(state) })
  }

  opened(): void {
    const { slots, replyBuffer, heldJobs, settler, presence, state, session } = this.#ports
    // This broker may let more, or fewer, queues be read by one subscription.
    if (this.#isStarted && !this.isDraining) slots.adjust()
    replyBuffer.flush()
    reportAllAgain(heldJobs)
    if (!this.#isStarted && state !== undefined) this.#claim(state, session().namespace)
    void settler.resend()
    presence.again()
  }

  /** Before the worker has started, which may take long. Its start tells why not. */
  #claim(state: Pick<KeptMemory, 'claim'>, namespace: string): void {
    try {
      state.claim(namespace)
    } catch {
      // then it has no outcome to send
    }
  }

  lost(): void {
    const { slots, rests, brokerTime } = this.#ports
    slots.connectionLost()
    rests.connectionLost()
    brokerTime.connectionLost()
  }

  refused(reason: unknown): void {
    this.#closed.reject(reason)
  }

  /** Drains it, once: later calls get the same promise. Never rejects. */
  drain(timeoutMs: number = this.#ports.options.drainTimeoutMs ?? defaultDrainTimeoutMs): Promise<void> {
    this.#isDraining = true
    this.#drained ??= this.#drain(timeoutMs)
    return this.#drained
  }

  async #drain(timeoutMs: number): Promise<void> {
    await drain(this.#ports, this.#broadcasts, timeoutMs)
    await this.#ports.isolates.stop()
    this.#stopListening()
    this.#stopSurviving()
    this.#ports.stall.stop()
    this.#ports.state?.close()
    this.#closed.resolve()
  }
}

/** How long running jobs may take, in ms. */
const defaultDrainTimeoutMs = 30_000

const nothing = (): void => {}

/** Whether a subscription was refused for good: then the start rejects with that reason. */
const isMisconfigured = (state: StompState): boolean =>
  state.at === 'waiting' && state.reason instanceof DroverError && state.reason.code === 'config_invalid'
