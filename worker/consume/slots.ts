/**
 * The slots bound how many jobs a worker is handed, and start them. A worker of `concurrency` n has n slots, shared by its tasks.
 * It keeps one subscription (queue-subscriptions.ts) for every free slot and one more for every job that it has in hand, of each
 * group of tasks that a subscription can read together: where that is all of them, nothing waits unstarted.
 *
 * With one group, or while slots are free, no subscription is ever opened or closed. When a slot is taken, those that the other
 * groups have too many are closed, but only after a grace: until then short jobs would open and close them all the time. A job
 * that arrives while no slot is free waits for that grace, and is then put back with its subscription.
 *
 * A job may be on its way to a subscription that closes. Where the broker marks a job that comes back so as `redelivered`, nobody
 * could tell it from one that lost its worker. There jobs that waited are published again, and subscriptions close when the
 * worker drains. Subscriptions of jobs that were in hand without a slot, such as many that rested, would then take jobs that
 * others may start at once. Where the broker hands out again at once, those beyond one for each slot close, long unused.
 */
import type { Clock } from '../../shared/clock.ts'
import type { Delivery } from '../delivery.ts'
import { deliveriesOf, type HeldJob, type HeldJobs } from '../held-job.ts'
import { Grace } from './grace.ts'
import type { QueueGroup } from './queue-group.ts'
import type { QueueSubscriptions } from './queue-subscriptions.ts'
import type { TaskLimits } from './task-limits.ts'
import { WaitingJobs } from './waiting-jobs.ts'
import { countOf, mostOf, wantedOf } from './wanted.ts'

/** How long nothing has come by a subscription that closes for that. */
const unusedMs = 5_000
/** How long a worker runs one job at a time after it met one that may end it. */
const carefulMs = 10_000

export interface SlotsPorts {
  readonly concurrency: number
  readonly clock: Clock
  readonly heldJobs: Pick<HeldJobs, 'inHand' | 'listen'>
  readonly subscriptions: QueueSubscriptions
  readonly limits: Pick<TaskLimits, 'room' | 'most' | 'began' | 'ended' | 'listen' | 'stop'>
  /** Ends a job that no slot came free for, or whose connection went before one did. */
  readonly ends: {
    requeued(held: HeldJob): void
    /** Never rejects. */
    requeue(held: HeldJob): Promise<void>
    connectionLost(held: HeldJob): void
  }
}

export interface SlotsListener {
  /** A job has a slot, until `free`. */
  start(held: HeldJob): void
}

export class Slots {
  readonly #ports: SlotsPorts
  readonly #listeners: SlotsListener[] = []
  readonly #subscriptions: QueueSubscriptions
  readonly #grace: Grace
  readonly #waiting: WaitingJobs = new WaitingJobs()
  /** The job that has, or waits for, all of the slots. `isForNow`: while the worker is careful, and then it is one as any other. */
  #exclusive: { readonly held: HeldJob; readonly isForNow: boolean; isStarted: boolean } | undefined
  /** While it is careful: stops the timer of that. */
  #careful: (() => void) | undefined
  #taken = 0
  #isDraining = false
  #stopLook: (() => void) | undefined
  #stopSweep: (() => void) | undefined
  /** As the last look found it: jobs that waited, and how many subscriptions a group had too many. */
  #lastSeen: { readonly waiting: ReadonlySet<HeldJob>; readonly surplus: ReadonlyMap<QueueGroup, number> } | undefined

  constructor(ports: SlotsPorts) {
    this.#ports = ports
    this.#grace = new Grace(ports.clock)
    this.#subscriptions = ports.subscriptions
    this.#subscriptions.listen({
      changed: () => this.adjust(),
      letGo: () => this.#startExclusive(),
      kept: () => this.#kept(),
    })
    ports.heldJobs.listen(this)
    ports.limits.listen({ eased: () => this.#refill() })
  }

  listen(listener: SlotsListener): void {
    this.#listeners.push(listener)
  }

  /** Slots in use. */
  get taken(): number {
    return this.#taken
  }

  /** Jobs that wait for a slot. */
  get waiting(): readonly HeldJob[] {
    return this.#waiting.all
  }

  get #free(): number {
    const most = this.#careful === undefined ? this.#ports.concurrency : 1
    return this.#exclusive === undefined ? Math.max(0, most - this.#taken) : 0
  }

  /** Runs one job at a time for a while, each with nothing else in hand, as far as this broker lets subscriptions close. */
  beCareful(): void {
    if (this.#isDraining) return
    this.#careful?.()
    this.#careful = this.#ports.clock.timer(carefulMs, () => {
      this.#careful = undefined
      this.#yield()
      this.#refill()
    })
  }

  /** Opens missing subscriptions at once, and closes those too many after the grace. Called at every change. */
  adjust(): void {
    if (this.#isDraining) {
      this.#subscriptions.drain()
      return
    }
    this.#startExclusive()
    const { clock } = this.#ports
    let isMore = this.#waiting.ofQueues.length > 0
    for (const group of this.#subscriptions.groups) {
      const wanted = this.#wanted(group)
      while (countOf(group) < wanted) this.#subscriptions.open(group)
      if (countOf(group) > wanted && this.#subscriptions.mayClose) isMore = true
      if (this.#isSpare(group) && this.#subscriptions.mayCloseUnused)
        this.#stopSweep ??= clock.timer(unusedMs, () => this.#sweep())
    }
    if (isMore) this.#stopLook ??= clock.timer(this.#grace.halfMs, () => void this.#rebalance())
    else this.#calm()
  }

  /** Resolves when every subscription is confirmed; rejects with the broker's error about one that is refused. */
  ready(): Promise<void> {
    return this.#subscriptions.ready()
  }

  /** Starts a job, or lets it wait for a slot. */
  offer(held: HeldJob): void {
    this.#waiting.add(held)
    this.#refill()
  }

  /** Starts a job by itself, once the others have ended. Jobs that come meanwhile wait; one at a time. */
  offerExclusive(held: HeldJob): void {
    this.#yield()
    this.#exclusive = { held, isForNow: false, isStarted: false }
    this.adjust()
  }

  /** Takes a job out that waits. @returns whether it did */
  withdraw(held: HeldJob): boolean {
    if (this.#exclusive?.held === held && !this.#exclusive.isStarted) {
      this.#exclusive = undefined
      this.#refill()
      return true
    }
    return this.#waiting.remove(held)
  }

  /** A run is over: the slot goes to the job that has waited longest of those that may begin. */
  free({ task }: Pick<HeldJob, 'task'>): void {
    this.#taken--
    this.#ports.limits.ended(task)
    if (this.#exclusive?.isStarted) this.#exclusive = undefined
    this.#refill()
  }

  /** A job is held no longer. The slot of a run comes free, and is looked at, next. */
  removed(held: HeldJob): void {
    if (held.phase === 'running') return
    this.withdraw(held)
    this.adjust()
  }

  /** The broker hands its deliveries out again: jobs that had not begun are over here. */
  connectionLost(): void {
    this.#subscriptions.connectionLost()
    const exclusive = this.#exclusive === undefined || this.#exclusive.isStarted ? [] : [this.#exclusive.held]
    const dropped = [...this.#waiting.ofQueues, ...exclusive]
    for (const held of dropped) this.withdraw(held)
    for (const held of dropped) this.#ports.ends.connectionLost(held)
  }

  /** Stops taking: closes subscriptions as they are without a job in hand, and starts nothing that waits. */
  drain(): void {
    this.#isDraining = true
    this.#calm()
    this.#stopSweep?.()
    this.#careful?.()
    this.#ports.limits.stop()
    this.adjust()
    this.#waiting.clear()
  }

  /**
   * Waits for the subscriptions that close soon; a job that came by them meanwhile may be yet to be settled.
   * @returns whether there were any
   */
  closing(): Promise<boolean> {
    return this.#subscriptions.closing()
  }

  #wanted(group: QueueGroup): number {
    if (this.#exclusive !== undefined && this.#subscriptions.mayClose) return countOf(group)
    return wantedOf(group, this.#free, this.#ports)
  }

  #isSpare = (group: QueueGroup): boolean => countOf(group) > Math.max(mostOf(group, this.#ports), this.#wanted(group))

  #sweep(): void {
    this.#stopSweep = undefined
    if (this.#subscriptions.mayCloseUnused) this.#subscriptions.closeUnused(this.#isSpare)
    this.adjust()
  }

  #startExclusive(): void {
    if (this.#exclusive === undefined || !this.#isClear()) return
    if (this.#exclusive.isStarted || this.#taken > 0 || !this.#mayBegin(this.#exclusive.held)) return
    this.#exclusive.isStarted = true
    this.#start(this.#exclusive.held)
  }

  /** Lets go of jobs that could end with one that has all of the slots. @returns whether nothing else is in hand, or may come */
  #isClear(): boolean {
    if (!this.#subscriptions.mayClose) return true
    for (const held of this.#waiting.ofQueues) this.#requeue(held)
    return this.#subscriptions.clear()
  }

  /** The deliveries that alone may stay in hand; absent where no job has all of the slots, or subscriptions may not close. */
  #kept(): readonly Delivery[] | undefined {
    if (this.#exclusive === undefined || !this.#subscriptions.mayClose) return undefined
    return deliveriesOf(this.#exclusive.held)
  }

  /** A job that has all of the slots for now has one, or waits for one. */
  #yield(): void {
    if (!this.#exclusive?.isForNow) return
    if (!this.#exclusive.isStarted) this.#waiting.addFirst(this.#exclusive.held)
    this.#exclusive = undefined
  }

  #mayBegin = ({ task }: Pick<HeldJob, 'task'>): boolean => this.#ports.limits.room(task) > 0

  #refill(): void {
    this.#fill()
    this.adjust()
  }

  #fill(): void {
    while (this.#free > 0) {
      const next = this.#waiting.takeFirst(this.#mayBegin)
      if (next === undefined) return
      if (this.#careful === undefined || next.mode === 'topic') this.#start(next)
      else {
        this.#exclusive = { held: next, isForNow: true, isStarted: false }
        this.#startExclusive()
      }
    }
  }

  #start(held: HeldJob): void {
    this.#taken++
    this.#ports.limits.began(held.task)
    for (const listener of this.#listeners) listener.start(held)
  }

  async #rebalance(): Promise<void> {
    const seen = this.#lastSeen
    const unstarted = this.#waiting.ofQueues.filter(held => seen?.waiting.has(held))
    if (this.#subscriptions.mayClose) for (const held of unstarted) this.#requeue(held)
    else {
      for (const held of unstarted) this.withdraw(held)
      await Promise.all(unstarted.map(held => this.#ports.ends.requeue(held)))
      if (unstarted.length > 0) this.#grace.double()
    }
    this.#stopLook?.() // set anew where all was calm in between
    this.#stopLook = undefined
    if (this.#isDraining) return
    const surplus = (group: QueueGroup): number => countOf(group) - this.#wanted(group)
    if (this.#subscriptions.mayClose)
      this.#subscriptions.closeIdle((group, closed) => surplus(group) > 0 && (seen?.surplus.get(group) ?? 0) > closed)
    const groups = this.#subscriptions.groups.map(group => [group, surplus(group)] as const)
    this.#lastSeen = { waiting: new Set(this.#waiting.all), surplus: new Map(groups) }
    this.adjust()
  }

  /** Where it may not go back yet, it waits on. */
  #requeue(held: HeldJob): void {
    const delivery = deliveriesOf(held)
    if (!delivery.every(one => one.mayRequeue())) return
    this.withdraw(held)
    for (const one of delivery) one.requeue()
    this.#ports.ends.requeued(held)
  }

  #calm(): void {
    this.#stopLook?.()
    this.#stopLook = undefined
    this.#lastSeen = undefined
  }
}
