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
 * others may start at once. Those beyond one for each slot close once nothing has come by them for long, where the broker hands
 * out again at once.
 */
import type { Clock } from '../../shared/clock.ts'
import type { Delivery } from '../delivery.ts'
import { deliveriesOf, type HeldJob, type HeldJobs } from '../held-job.ts'
import { Grace } from './grace.ts'
import type { QueueGroup, QueueSubscriptions } from './queue-subscriptions.ts'

/** How long nothing has come by a subscription that closes for that. */
const unusedMs = 5_000
/** How long a worker runs one job at a time after it met one that may end it. */
const carefulMs = 10_000

export interface SlotsPorts {
  readonly concurrency: number
  readonly clock: Clock
  readonly heldJobs: Pick<HeldJobs, 'inHand' | 'resting' | 'listen'>
  readonly subscriptions: QueueSubscriptions
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
  readonly #waiting: HeldJob[] = []
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
    return this.#waiting
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
      this.#fill()
      this.adjust()
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
    let isMore = this.#waiting.some(({ mode }) => mode === 'queue')
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
    this.#waiting.push(held)
    this.#fill()
    this.adjust()
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
      this.#fill()
      this.adjust()
      return true
    }
    const at = this.#waiting.indexOf(held)
    if (at >= 0) this.#waiting.splice(at, 1)
    return at >= 0
  }

  /** A run is over: the slot goes to the job that has waited longest. */
  free(): void {
    this.#taken--
    if (this.#exclusive?.isStarted) this.#exclusive = undefined
    this.#fill()
    this.adjust()
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
    const dropped = [...this.#waiting.filter(({ mode }) => mode === 'queue'), ...exclusive]
    for (const held of dropped) this.withdraw(held)
    for (const held of dropped) this.#ports.ends.connectionLost(held)
  }

  /** Stops taking: closes subscriptions as they are without a job in hand, and starts nothing that waits. */
  drain(): void {
    this.#isDraining = true
    this.#calm()
    this.#stopSweep?.()
    this.#careful?.()
    this.adjust()
    this.#waiting.length = 0
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
    return group.tasks.reduce((sum, task) => sum + this.#ports.heldJobs.inHand(task), this.#free)
  }

  #isSpare = (group: QueueGroup): boolean => countOf(group) > Math.max(this.#ports.concurrency, this.#wanted(group))

  #sweep(): void {
    this.#stopSweep = undefined
    if (this.#subscriptions.mayCloseUnused) this.#subscriptions.closeUnused(this.#isSpare)
    this.adjust()
  }

  #startExclusive(): void {
    if (this.#exclusive === undefined || !this.#isClear()) return
    if (this.#exclusive.isStarted || this.#taken > 0) return
    this.#exclusive.isStarted = true
    this.#start(this.#exclusive.held)
  }

  /** Lets go of jobs that could end with one that has all of the slots. @returns whether nothing else is in hand, or may come */
  #isClear(): boolean {
    if (!this.#subscriptions.mayClose) return true
    for (const held of this.#waiting.filter(({ mode }) => mode === 'queue')) this.#requeue(held)
    return this.#subscriptions.clear()
  }

  /** The deliveries that alone may stay in hand; absent where no job has all of the slots, or subscriptions may not close. */
  #kept(): readonly Delivery[] | undefined {
    if (this.#exclusive === undefined || !this.#subscriptions.mayClose) return undefined
    return [...deliveriesOf(this.#exclusive.held), ...this.#ports.heldJobs.resting()]
  }

  /** A job that has all of the slots for now has one, or waits for one. */
  #yield(): void {
    if (!this.#exclusive?.isForNow) return
    if (!this.#exclusive.isStarted) this.#waiting.unshift(this.#exclusive.held)
    this.#exclusive = undefined
  }

  #fill(): void {
    while (this.#free > 0 && this.#waiting.length > 0) {
      const next = this.#waiting.shift()!
      if (this.#careful === undefined || next.mode === 'topic') this.#start(next)
      else {
        this.#exclusive = { held: next, isForNow: true, isStarted: false }
        this.#startExclusive()
      }
    }
  }

  #start(held: HeldJob): void {
    this.#taken++
    for (const listener of this.#listeners) listener.start(held)
  }

  async #rebalance(): Promise<void> {
    const seen = this.#lastSeen
    const unstarted = this.#waiting.filter(held => held.mode === 'queue' && seen?.waiting.has(held))
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
    this.#lastSeen = { waiting: new Set(this.#waiting), surplus: new Map(groups) }
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

const countOf = ({ subscriptions }: QueueGroup): number =>
  subscriptions.filter(({ isParked, hasLeft, at }) => !isParked && !hasLeft && at === 'open').length
