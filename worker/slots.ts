/**
 * Who may be handed how much. A worker of `concurrency` n has n slots, shared by its tasks. For each task it keeps one
 * queue subscription (a lane) with a prefetch of 1 for every free slot and one more for every job that it has in hand,
 * so that on every broker "handed out" means "can begin at once".
 *
 * With one task, or while slots are free, no lane is ever opened or closed. When a slot is taken, the lanes that the other
 * tasks have too many are closed, but only after a grace: until then short jobs would open and close them all the time. A
 * job that arrives while no slot is free waits for that grace, and is given back unchanged when it is over.
 *
 * A job may be on its way to a lane that closes. Where the broker marks what comes back so as `redelivered`, nobody could
 * tell it from a job that lost its worker; there lanes close only when the worker drains.
 */
import type { Incoming, Subscription } from '../shared/stomp/mod.ts'
import type { Handed } from './handed.ts'

/** Half the grace: what is still so at the second look is acted on. Doubled while it keeps happening. */
const lookMs = 50
const longestLookMs = 2_500

/** What waits for a slot or has one. */
export interface Occupant {
  readonly task: string
  readonly mode: 'queue' | 'topic'
}

export interface SlotsPorts<T extends Occupant> {
  readonly concurrency: number
  readonly tasks: readonly string[]
  /** Subscribes to a task's queue with a prefetch of 1. */
  open(task: string, onMessage: (incoming: Incoming) => void): Subscription
  /** A job has come. */
  delivered(task: string, handed: Handed): void
  start(occupant: T): void
  /** Publishes a job again unchanged, since no slot came free for it; never rejects. */
  giveBack(occupant: T): Promise<void>
  /** Whether a lane may close before the worker drains: not where a job on its way to it would come again as a loss. */
  mayClose(): boolean
  /** How many jobs of the task are in hand: handed out by its queue and not settled, whether or not they run. */
  inHand(task: string): number
}

interface Lane {
  readonly subscription: Subscription
  /** Messages it handed out on this connection that were not settled. */
  unsettled: number
  /** What it has in hand waits for one who does not read: it stands for no slot meanwhile. */
  isParked: boolean
  /** Jobs that came while the worker drained and were not left. */
  turnedRound: number
  /** `closing`: the worker drains, and what its last ACK let the broker send may still come. */
  at: 'open' | 'closing' | 'closed'
}

/** Of each lane of a worker that drains, where what is left looks like a loss. */
const maxTurnedRound = 3

export class Slots<T extends Occupant> {
  readonly #ports: SlotsPorts<T>
  readonly #lanes: Map<string, Lane[]>
  readonly #waiting: T[] = []
  /** Who has, or waits for, all of the slots. */
  #sole: { readonly occupant: T; isStarted: boolean } | undefined
  #taken = 0
  #connection = 0
  #isDraining = false
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #closing = new Set<Promise<void>>()
  #lookMs = lookMs
  /** What the last look found: jobs that waited, and how many lanes a task had too many. */
  #seen: { readonly waiting: ReadonlySet<T>; readonly surplus: ReadonlyMap<string, number> } | undefined

  constructor(ports: SlotsPorts<T>) {
    this.#ports = ports
    this.#lanes = new Map(ports.tasks.map(task => [task, []]))
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
    return this.#sole === undefined ? Math.max(0, this.#ports.concurrency - this.#taken) : 0
  }

  /** Opens what should be open, at once, and closes after the grace what should not. Called at every change. */
  adjust(): void {
    if (this.#isDraining) {
      this.#closeIdle(() => true)
      return
    }
    let isMore = this.#waiting.some(({ mode }) => mode === 'queue')
    for (const [task, lanes] of this.#lanes) {
      const wanted = this.#wanted(task)
      while (countOf(lanes) < wanted) lanes.push(this.#openLane(task))
      if (countOf(lanes) > wanted && this.#ports.mayClose()) isMore = true
    }
    if (isMore) this.#timer ??= setTimeout(() => void this.#look(), this.#lookMs)
    else this.#calm()
  }

  /** Resolves when every lane is confirmed; rejects with what the broker said of one that is refused. */
  async ready(): Promise<void> {
    await Promise.all([...this.#lanes.values()].flat().map(lane => lane.subscription.ready))
  }

  /** Starts a job, or lets it wait for a slot. */
  offer(occupant: T): void {
    if (this.#free > 0) this.#start(occupant)
    else this.#waiting.push(occupant)
    this.adjust()
  }

  /** Starts a job by itself, once what runs has ended. Whatever comes meanwhile waits; one at a time. */
  offerAlone(occupant: T): void {
    this.#sole = { occupant, isStarted: false }
    this.#startSole()
    this.adjust()
  }

  /** Takes a job out that waits. @returns whether it did */
  withdraw(occupant: T): boolean {
    if (this.#sole?.occupant === occupant && !this.#sole.isStarted) {
      this.#sole = undefined
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
    if (this.#sole?.isStarted) this.#sole = undefined
    this.#startSole()
    this.#fill()
    this.adjust()
  }

  /** What was handed out is handed out again to somebody: jobs that had not begun are dropped, and gone is what waited. */
  connectionLost(): readonly T[] {
    this.#connection++
    for (const lane of [...this.#lanes.values()].flat()) {
      lane.unsettled = 0
      lane.isParked = false
    }
    const sole = this.#sole === undefined || this.#sole.isStarted ? [] : [this.#sole.occupant]
    const dropped = [...this.#waiting.filter(({ mode }) => mode === 'queue'), ...sole]
    for (const occupant of dropped) this.withdraw(occupant)
    return dropped
  }

  /**
   * Stops taking: closes lanes as they are without a job in hand.
   * @returns what waited
   */
  drain(): readonly T[] {
    this.#isDraining = true
    this.#calm()
    this.adjust()
    return this.#waiting.splice(0)
  }

  /**
   * Waits for the lanes that close soon; what came by them meanwhile may be yet to be settled.
   * @returns whether there were any
   */
  async closing(): Promise<boolean> {
    const closing = [...this.#closing]
    await Promise.all(closing)
    return closing.length > 0
  }

  #wanted(task: string): number {
    return this.#free + this.#ports.inHand(task)
  }

  #startSole(): void {
    if (this.#sole === undefined || this.#sole.isStarted || this.#taken > 0) return
    this.#sole.isStarted = true
    this.#start(this.#sole.occupant)
  }

  #fill(): void {
    while (this.#free > 0 && this.#waiting.length > 0) this.#start(this.#waiting.shift()!)
  }

  #start(occupant: T): void {
    this.#taken++
    this.#ports.start(occupant)
  }

  #openLane(task: string): Lane {
    const onMessage = (incoming: Incoming): void => {
      if (lane.at === 'closed') return // the broker has put it back
      lane.unsettled++
      this.#ports.delivered(task, this.#hand(lane, task, incoming))
    }
    const subscription = this.#ports.open(task, onMessage)
    const lane: Lane = { subscription, unsettled: 0, isParked: false, turnedRound: 0, at: 'open' }
    return lane
  }

  #hand(lane: Lane, task: string, incoming: Incoming): Handed {
    const connection = this.#connection
    let isSettled = false
    const settled = (): void => {
      if (isSettled || connection !== this.#connection) return
      isSettled = true
      lane.unsettled--
      if (lane.isParked) this.#park(lane, false)
      if (this.#isDraining && lane.unsettled === 0) this.#closeSoon(lane, task)
    }
    return {
      incoming,
      ack: transaction => incoming.ack(transaction),
      settled,
      park: () => void (isSettled || connection !== this.#connection || lane.isParked || this.#park(lane, true)),
      isGone: () => connection !== this.#connection,
      leave: () => {
        const isMarkedNow = incoming.headers.redelivered === 'true'
        if (!this.#ports.mayClose() && !isMarkedNow && ++lane.turnedRound <= maxTurnedRound) return false
        settled()
        return true
      },
    }
  }

  #park(lane: Lane, isParked: boolean): void {
    lane.isParked = isParked
    this.adjust()
  }

  async #look(): Promise<void> {
    const seen = this.#seen
    const unstarted = this.#waiting.filter(occupant => occupant.mode === 'queue' && seen?.waiting.has(occupant))
    for (const occupant of unstarted) this.withdraw(occupant)
    await Promise.all(unstarted.map(occupant => this.#ports.giveBack(occupant)))
    this.#timer = undefined
    if (this.#isDraining) return
    const surplus = (task: string): number => countOf(this.#lanes.get(task) ?? []) - this.#wanted(task)
    if (this.#ports.mayClose())
      this.#closeIdle((task, closed) => surplus(task) > 0 && (seen?.surplus.get(task) ?? 0) > closed)
    // What is given back makes room for the next: the more that comes, the slower it is turned round.
    if (unstarted.length > 0) this.#lookMs = Math.min(this.#lookMs * 2, longestLookMs)
    const tasks = this.#ports.tasks.map(task => [task, surplus(task)] as const)
    this.#seen = { waiting: new Set(this.#waiting), surplus: new Map(tasks) }
    this.adjust()
  }

  #closeIdle(isTooMany: (task: string, closed: number) => boolean): void {
    for (const [task, lanes] of this.#lanes) {
      for (const [closed, lane] of lanes.filter(({ unsettled, at }) => unsettled === 0 && at === 'open').entries()) {
        if (!isTooMany(task, closed)) break
        this.#close(lane, task)
      }
    }
  }

  /** At once where nothing depends on it; else once the next job of a queue that has more has come, or would have. */
  #closeSoon(lane: Lane, task: string): void {
    if (this.#ports.mayClose()) {
      this.#close(lane, task)
      return
    }
    lane.at = 'closing'
    const closing = new Promise<void>(resolve => setTimeout(resolve, lookMs)).then(() => {
      this.#closing.delete(closing)
      if (lane.unsettled === 0) this.#close(lane, task)
    })
    this.#closing.add(closing)
  }

  #close(lane: Lane, task: string): void {
    if (lane.at === 'closed') return
    lane.at = 'closed'
    const lanes = this.#lanes.get(task)
    lanes?.splice(lanes.indexOf(lane), 1)
    void lane.subscription.unsubscribe().catch(() => {}) // gone with its connection, then
  }

  #calm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#lookMs = lookMs
    this.#seen = undefined
  }
}

const countOf = (lanes: readonly Lane[]): number => lanes.filter(({ isParked }) => !isParked).length
