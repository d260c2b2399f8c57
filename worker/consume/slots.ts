/**
 * Who may be handed how much. A worker of `concurrency` n has n slots, shared by its tasks. It keeps one lane (lanes.ts) for
 * every free slot and one more for every job that it has in hand, of each group of tasks that a lane can read together: where
 * that is all of them, nothing waits unstarted.
 *
 * With one group, or while slots are free, no lane is ever opened or closed. When a slot is taken, the lanes that the other
 * groups have too many are closed, but only after a grace: until then short jobs would open and close them all the time. A
 * job that arrives while no slot is free waits for that grace, and is then put back with its lane.
 *
 * A job may be on its way to a lane that closes. Where the broker marks what comes back so as `redelivered`, nobody could
 * tell it from a job that lost its worker; there what waited is published again, and lanes close when the worker drains. Those
 * of jobs that were in hand without a slot, such as many that rested, would take from others then what they may start at once: what
 * is more than one for each slot closes once nothing has come by it for long, where the broker hands out again at once.
 */
import type { Handed } from './handed.ts'
import { type Group, Lanes, type LanesPorts } from './lanes.ts'

/** Half the grace: what is still so at the second look is acted on. Doubled while jobs are published again, and halved while none is. */
const lookMs = 50
const longestLookMs = 2_500
const halvedAfterMs = 10_000
/** How long nothing has come by a lane that closes for that. */
const unusedMs = 5_000
/** How long a worker runs one job at a time after it met one that may end it. */
const carefulMs = 10_000

/** What waits for a slot or has one. */
export interface Occupant {
  readonly task: string
  readonly mode: 'queue' | 'topic'
}

export interface SlotsPorts<T extends Occupant> extends LanesPorts {
  readonly concurrency: number
  /** The steady clock, ms. */
  steady(): number
  start(occupant: T): void
  /** What settles a job, of each copy. */
  handedOf(occupant: T): readonly Handed[]
  /** A job has been put back, since no slot came free for it. */
  isBack(occupant: T): void
  /** Publishes a job again unchanged, since no slot came free for it; never rejects. */
  giveBack(occupant: T): Promise<void>
  /** What settles jobs that rest until their next attempt. */
  resting(): readonly Handed[]
  /** Whether a lane that nothing comes by may close before that, where none else may. */
  mayCloseUnused(): boolean
  /** How many jobs of the task are in hand: handed out by its queue and not settled, whether or not they run. */
  inHand(task: string): number
}

export class Slots<T extends Occupant> {
  readonly #ports: SlotsPorts<T>
  readonly #lanes: Lanes
  readonly #waiting: T[] = []
  /** Who has, or waits for, all of the slots; `isForNow`: for as long as the worker is careful, and then one as any other. */
  #sole: { readonly occupant: T; readonly isForNow: boolean; isStarted: boolean } | undefined
  #careful: ReturnType<typeof setTimeout> | undefined
  #taken = 0
  #isDraining = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #sweeping: ReturnType<typeof setTimeout> | undefined
  #lookMs = lookMs
  /** When that became so, by the steady clock. */
  #lookMsSince = 0
  /** What the last look found: jobs that waited, and how many lanes a group had too many. */
  #seen: { readonly waiting: ReadonlySet<T>; readonly surplus: ReadonlyMap<Group, number> } | undefined

  constructor(ports: SlotsPorts<T>) {
    this.#ports = ports
    this.#lanes = new Lanes({
      ...ports,
      parked: () => this.adjust(),
      letGo: () => this.#startSole(),
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
    return this.#sole === undefined ? Math.max(0, most - this.#taken) : 0
  }

  /** Runs one job at a time for a while, each with nothing else in hand, as far as this broker lets lanes close. */
  beCareful(): void {
    if (this.#isDraining) return
    clearTimeout(this.#careful)
    this.#careful = setTimeout(() => {
      this.#careful = undefined
      this.#yield()
      this.#fill()
      this.adjust()
    }, carefulMs)
  }

  /** Opens what should be open, at once, and closes after the grace what should not. Called at every change. */
  adjust(): void {
    if (this.#isDraining) {
      this.#lanes.drain()
      return
    }
    this.#startSole()
    let isMore = this.#waiting.some(({ mode }) => mode === 'queue')
    for (const group of this.#lanes.groups) {
      const wanted = this.#wanted(group)
      while (countOf(group) < wanted) this.#lanes.open(group)
      if (countOf(group) > wanted && this.#ports.mayClose()) isMore = true
      if (this.#isSpare(group) && this.#ports.mayCloseUnused())
        this.#sweeping ??= setTimeout(() => this.#sweep(), unusedMs)
    }
    if (isMore) this.#timer ??= setTimeout(() => void this.#look(), this.#halved())
    else this.#calm()
  }

  /** Resolves when every lane is confirmed; rejects with what the broker said of one that is refused. */
  ready(): Promise<void> {
    return this.#lanes.ready()
  }

  /** Starts a job, or lets it wait for a slot. */
  offer(occupant: T): void {
    this.#waiting.push(occupant)
    this.#fill()
    this.adjust()
  }

  /** Starts a job by itself, once what runs has ended. Whatever comes meanwhile waits; one at a time. */
  offerAlone(occupant: T): void {
    this.#yield()
    this.#sole = { occupant, isForNow: false, isStarted: false }
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
    this.#fill()
    this.adjust()
  }

  /** What was handed out is handed out again to somebody: jobs that had not begun are dropped, and gone is what waited. */
  connectionLost(): readonly T[] {
    this.#lanes.connectionLost()
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
    clearTimeout(this.#sweeping)
    clearTimeout(this.#careful)
    this.adjust()
    return this.#waiting.splice(0)
  }

  /**
   * Waits for the lanes that close soon; what came by them meanwhile may be yet to be settled.
   * @returns whether there were any
   */
  closing(): Promise<boolean> {
    return this.#lanes.closing()
  }

  #wanted(group: Group): number {
    if (this.#sole !== undefined && this.#ports.mayClose()) return countOf(group)
    return group.tasks.reduce((sum, task) => sum + this.#ports.inHand(task), this.#free)
  }

  #isSpare = (group: Group): boolean => countOf(group) > Math.max(this.#ports.concurrency, this.#wanted(group))

  #sweep(): void {
    this.#sweeping = undefined
    if (this.#ports.mayCloseUnused()) this.#lanes.closeUnused(this.#isSpare)
    this.adjust()
  }

  #startSole(): void {
    if (this.#sole === undefined || !this.#isClear()) return
    if (this.#sole.isStarted || this.#taken > 0) return
    this.#sole.isStarted = true
    this.#start(this.#sole.occupant)
  }

  /** Lets go of whatever could end with a job that has all of the slots. @returns whether nothing else is in hand, or may come */
  #isClear(): boolean {
    if (!this.#ports.mayClose()) return true
    for (const occupant of this.#waiting.filter(({ mode }) => mode === 'queue')) this.#putBack(occupant)
    return this.#lanes.clear()
  }

  /** What may stay in hand beside nothing else; absent where there is no job that has all of the slots, or lanes may not close. */
  #kept(): readonly Handed[] | undefined {
    if (this.#sole === undefined || !this.#ports.mayClose()) return undefined
    return [...this.#ports.handedOf(this.#sole.occupant), ...this.#ports.resting()]
  }

  /** A job that has all of the slots for now has one, or waits for one. */
  #yield(): void {
    if (!this.#sole?.isForNow) return
    if (!this.#sole.isStarted) this.#waiting.unshift(this.#sole.occupant)
    this.#sole = undefined
  }

  #fill(): void {
    while (this.#free > 0 && this.#waiting.length > 0) {
      const next = this.#waiting.shift()!
      if (this.#careful === undefined || next.mode === 'topic') this.#start(next)
      else {
        this.#sole = { occupant: next, isForNow: true, isStarted: false }
        this.#startSole()
      }
    }
  }

  #start(occupant: T): void {
    this.#taken++
    this.#ports.start(occupant)
  }

  async #look(): Promise<void> {
    const seen = this.#seen
    const unstarted = this.#waiting.filter(occupant => occupant.mode === 'queue' && seen?.waiting.has(occupant))
    if (this.#ports.mayClose()) for (const occupant of unstarted) this.#putBack(occupant)
    else {
      for (const occupant of unstarted) this.withdraw(occupant)
      await Promise.all(unstarted.map(occupant => this.#ports.giveBack(occupant)))
      // What is published again makes room for the next: the more that comes, the slower it is turned round.
      if (unstarted.length > 0) this.#patient(this.#lookMs * 2)
    }
    clearTimeout(this.#timer) // set anew where all was calm in between
    this.#timer = undefined
    if (this.#isDraining) return
    const surplus = (group: Group): number => countOf(group) - this.#wanted(group)
    if (this.#ports.mayClose())
      this.#lanes.closeIdle((group, closed) => surplus(group) > 0 && (seen?.surplus.get(group) ?? 0) > closed)
    const groups = this.#lanes.groups.map(group => [group, surplus(group)] as const)
    this.#seen = { waiting: new Set(this.#waiting), surplus: new Map(groups) }
    this.adjust()
  }

  #patient(ms: number): void {
    this.#lookMs = Math.min(ms, longestLookMs)
    this.#lookMsSince = this.#ports.steady()
  }

  /** How long to wait for the next look. */
  #halved(): number {
    const times = Math.floor((this.#ports.steady() - this.#lookMsSince) / halvedAfterMs)
    if (times > 0 && this.#lookMs > lookMs) this.#patient(Math.max(lookMs, this.#lookMs / 2 ** times))
    return this.#lookMs
  }

  /** Where it may not go back yet, it waits on. */
  #putBack(occupant: T): void {
    const handed = this.#ports.handedOf(occupant)
    if (!handed.every(one => one.mayGoBack())) return
    this.withdraw(occupant)
    for (const one of handed) one.putBack()
    this.#ports.isBack(occupant)
  }

  #calm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#seen = undefined
  }
}

const countOf = ({ lanes }: Group): number => lanes.filter(({ isParked, hasLeft }) => !isParked && !hasLeft).length
