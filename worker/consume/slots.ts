/**
 * Who may be handed how much. A worker of `concurrency` n has n slots, shared by its tasks. It keeps one subscription
 * (queue-subscriptions.ts) for every free slot and one more for every job that it has in hand, of each group of tasks that a
 * subscription can read together: where that is all of them, nothing waits unstarted.
 *
 * With one group, or while slots are free, no subscription is ever opened or closed. When a slot is taken, those that the other
 * groups have too many are closed, but only after a grace: until then short jobs would open and close them all the time. A job
 * that arrives while no slot is free waits for that grace, and is then put back with its subscription.
 *
 * A job may be on its way to a subscription that closes. Where the broker marks what comes back so as `redelivered`, nobody could
 * tell it from a job that lost its worker; there what waited is published again, and subscriptions close when the worker drains.
 * Those of jobs that were in hand without a slot, such as many that rested, would take from others then what they may start at
 * once: what is more than one for each slot closes once nothing has come by it for long, where the broker hands out again at once.
 */
import type { Delivery } from '../delivery.ts'
import { Grace } from './grace.ts'
import { type QueueGroup, QueueSubscriptions, type QueueSubscriptionsPorts } from './queue-subscriptions.ts'

/** How long nothing has come by a subscription that closes for that. */
const unusedMs = 5_000
/** How long a worker runs one job at a time after it met one that may end it. */
const carefulMs = 10_000

/** What waits for a slot or has one. */
export interface Occupant {
  readonly task: string
  readonly mode: 'queue' | 'topic'
}

export interface SlotsPorts<T extends Occupant> extends QueueSubscriptionsPorts {
  readonly concurrency: number
  start(occupant: T): void
  /** What settles a job, of each copy. */
  deliveriesOf(occupant: T): readonly Delivery[]
  /** A job has been put back, since no slot came free for it. */
  requeued(occupant: T): void
  /** Publishes a job again unchanged, since no slot came free for it; never rejects. */
  requeue(occupant: T): Promise<void>
  /** What settles jobs that rest until their next attempt. */
  resting(): readonly Delivery[]
  /** Whether a subscription that nothing comes by may close before that, where none else may. */
  mayCloseUnused(): boolean
  /** How many jobs of the task are in hand: handed out by its queue and not settled, whether or not they run. */
  inHand(task: string): number
}

export class Slots<T extends Occupant> {
  readonly #ports: SlotsPorts<T>
  readonly #subscriptions: QueueSubscriptions
  readonly #grace: Grace
  readonly #waiting: T[] = []
  /** Who has, or waits for, all of the slots; `isForNow`: for as long as the worker is careful, and then one as any other. */
  #exclusive: { readonly occupant: T; readonly isForNow: boolean; isStarted: boolean } | undefined
  /** While it is careful: stops the timer of that. */
  #careful: (() => void) | undefined
  #taken = 0
  #isDraining = false
  #stopLook: (() => void) | undefined
  #stopSweep: (() => void) | undefined
  /** What the last look found: jobs that waited, and how many subscriptions a group had too many. */
  #lastSeen: { readonly waiting: ReadonlySet<T>; readonly surplus: ReadonlyMap<QueueGroup, number> } | undefined

  constructor(ports: SlotsPorts<T>) {
    this.#ports = ports
    this.#grace = new Grace(ports.clock)
    this.#subscriptions = new QueueSubscriptions({
      ...ports,
      parked: () => this.adjust(),
      letGo: () => this.#startExclusive(),
      kept: () => this.#kept(),
    })
  }

  /** Slots in use. */
  get taken(): number {
    return this.#taken
  }

  /** Jobs that wait for a slot. */
  get waiting(): readonly T[] {
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

  /** Opens what should be open, at once, and closes after the grace what should not. Called at every change. */
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
      if (countOf(group) > wanted && this.#ports.mayClose()) isMore = true
      if (this.#isSpare(group) && this.#ports.mayCloseUnused())
        this.#stopSweep ??= clock.timer(unusedMs, () => this.#sweep())
    }
    if (isMore) this.#stopLook ??= clock.timer(this.#grace.halfMs, () => void this.#rebalance())
    else this.#calm()
  }

  /** Resolves when every subscription is confirmed; rejects with what the broker said of one that is refused. */
  ready(): Promise<void> {
    return this.#subscriptions.ready()
  }

  /** Starts a job, or lets it wait for a slot. */
  offer(occupant: T): void {
    this.#waiting.push(occupant)
    this.#fill()
    this.adjust()
  }

  /** Starts a job by itself, once what runs has ended. Whatever comes meanwhile waits; one at a time. */
  offerExclusive(occupant: T): void {
    this.#yield()
    this.#exclusive = { occupant, isForNow: false, isStarted: false }
    this.adjust()
  }

  /** Takes a job out that waits. @returns whether it did */
  withdraw(occupant: T): boolean {
    if (this.#exclusive?.occupant === occupant && !this.#exclusive.isStarted) {
      this.#exclusive = undefined
      this.#fill()
      this.adjust()
      return true
    }
    const at = this.#waiting.indexOf(occupant)
    if (at >= 0) this.#waiting.splice(at, 1)
    return at >= 0
  }

  /** A run is over: the slot goes to whoever has waited longest. */
  free(): void {
    this.#taken--
    if (this.#exclusive?.isStarted) this.#exclusive = undefined
    this.#fill()
    this.adjust()
  }

  /** What was handed out is handed out again to somebody: jobs that had not begun are dropped, and gone is what waited. */
  connectionLost(): readonly T[] {
    this.#subscriptions.connectionLost()
    const exclusive = this.#exclusive === undefined || this.#exclusive.isStarted ? [] : [this.#exclusive.occupant]
    const dropped = [...this.#waiting.filter(({ mode }) => mode === 'queue'), ...exclusive]
    for (const occupant of dropped) this.withdraw(occupant)
    return dropped
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
   * Waits for the subscriptions that close soon; what came by them meanwhile may be yet to be settled.
   * @returns whether there were any
   */
  closing(): Promise<boolean> {
    return this.#subscriptions.closing()
  }

  #wanted(group: QueueGroup): number {
    if (this.#exclusive !== undefined && this.#ports.mayClose()) return countOf(group)
    return group.tasks.reduce((sum, task) => sum + this.#ports.inHand(task), this.#free)
  }

  #isSpare = (group: QueueGroup): boolean => countOf(group) > Math.max(this.#ports.concurrency, this.#wanted(group))

  #sweep(): void {
    this.#stopSweep = undefined
    if (this.#ports.mayCloseUnused()) this.#subscriptions.closeUnused(this.#isSpare)
    this.adjust()
  }

  #startExclusive(): void {
    if (this.#exclusive === undefined || !this.#isClear()) return
    if (this.#exclusive.isStarted || this.#taken > 0) return
    this.#exclusive.isStarted = true
    this.#start(this.#exclusive.occupant)
  }

  /** Lets go of whatever could end with a job that has all of the slots. @returns whether nothing else is in hand, or may come */
  #isClear(): boolean {
    if (!this.#ports.mayClose()) return true
    for (const occupant of this.#waiting.filter(({ mode }) => mode === 'queue')) this.#requeue(occupant)
    return this.#subscriptions.clear()
  }

  /** What may stay in hand beside nothing else; absent where no job has all of the slots, or subscriptions may not close. */
  #kept(): readonly Delivery[] | undefined {
    if (this.#exclusive === undefined || !this.#ports.mayClose()) return undefined
    return [...this.#ports.deliveriesOf(this.#exclusive.occupant), ...this.#ports.resting()]
  }

  /** A job that has all of the slots for now has one, or waits for one. */
  #yield(): void {
    if (!this.#exclusive?.isForNow) return
    if (!this.#exclusive.isStarted) this.#waiting.unshift(this.#exclusive.occupant)
    this.#exclusive = undefined
  }

  #fill(): void {
    while (this.#free > 0 && this.#waiting.length > 0) {
      const next = this.#waiting.shift()!
      if (this.#careful === undefined || next.mode === 'topic') this.#start(next)
      else {
        this.#exclusive = { occupant: next, isForNow: true, isStarted: false }
        this.#startExclusive()
      }
    }
  }

  #start(occupant: T): void {
    this.#taken++
    this.#ports.start(occupant)
  }

  async #rebalance(): Promise<void> {
    const seen = this.#lastSeen
    const unstarted = this.#waiting.filter(occupant => occupant.mode === 'queue' && seen?.waiting.has(occupant))
    if (this.#ports.mayClose()) for (const occupant of unstarted) this.#requeue(occupant)
    else {
      for (const occupant of unstarted) this.withdraw(occupant)
      await Promise.all(unstarted.map(occupant => this.#ports.requeue(occupant)))
      if (unstarted.length > 0) this.#grace.double()
    }
    this.#stopLook?.() // set anew where all was calm in between
    this.#stopLook = undefined
    if (this.#isDraining) return
    const surplus = (group: QueueGroup): number => countOf(group) - this.#wanted(group)
    if (this.#ports.mayClose())
      this.#subscriptions.closeIdle((group, closed) => surplus(group) > 0 && (seen?.surplus.get(group) ?? 0) > closed)
    const groups = this.#subscriptions.groups.map(group => [group, surplus(group)] as const)
    this.#lastSeen = { waiting: new Set(this.#waiting), surplus: new Map(groups) }
    this.adjust()
  }

  /** Where it may not go back yet, it waits on. */
  #requeue(occupant: T): void {
    const delivery = this.#ports.deliveriesOf(occupant)
    if (!delivery.every(one => one.mayRequeue())) return
    this.withdraw(occupant)
    for (const one of delivery) one.requeue()
    this.#ports.requeued(occupant)
  }

  #calm(): void {
    this.#stopLook?.()
    this.#stopLook = undefined
    this.#lastSeen = undefined
  }
}

const countOf = ({ subscriptions }: QueueGroup): number =>
  subscriptions.filter(({ isParked, hasLeft }) => !isParked && !hasLeft).length
