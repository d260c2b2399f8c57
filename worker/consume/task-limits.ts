/**
 * Limits of one task in one worker: how many jobs of it run at once, and how many begin in a time. A task at its limit leaves its
 * queue to other workers, and the slots of this one to other tasks.
 *
 * Starts are counted in a window that moves with time, so that no `perMs` sees more than `jobs` of them. A bucket of tokens would
 * let twice as many through in one: those that it had saved, and those that it is given meanwhile.
 */
import type { Clock } from '../../shared/clock.ts'
import type { Implementation } from '../implement.ts'

export interface TaskLimitsPorts {
  /** Of the worker, over all tasks. */
  readonly concurrency: number
  readonly implementations: ReadonlyMap<string, Pick<Implementation, 'concurrency' | 'rate'>>
  readonly clock: Pick<Clock, 'steady' | 'timer'>
}

export interface TaskLimitsListener {
  /** Some task may begin more jobs, since time has passed, or code that was stuck has returned. */
  eased(): void
}

/** Of a task that has a limit. */
class Limited {
  readonly #limits: Pick<Implementation, 'concurrency' | 'rate'>
  /** Jobs that have begun, and whose code has not returned. */
  running = 0
  /** Of these, those that have ended, and whose code goes on. */
  stuck = 0
  /** When jobs began, by the steady clock, the oldest first: no more than may begin in the time of the rate. */
  readonly #starts: number[] = []
  stopTimer: (() => void) | undefined

  constructor(limits: Pick<Implementation, 'concurrency' | 'rate'>) {
    this.#limits = limits
  }

  get most(): number {
    return this.#limits.concurrency ?? Number.POSITIVE_INFINITY
  }

  room(now: number): number {
    return Math.max(0, Math.min(this.most - this.running, this.roomByRate(now)))
  }

  roomByRate(now: number): number {
    const { rate } = this.#limits
    if (rate === undefined) return Number.POSITIVE_INFINITY
    while (this.#starts.length > 0 && this.#starts[0]! + rate.perMs <= now) this.#starts.shift()
    return rate.jobs - this.#starts.length
  }

  begin(now: number): void {
    this.running++
    if (this.#limits.rate !== undefined) this.#starts.push(now)
  }

  /** How long until its rate lets another one begin than may begin now. */
  easesInMs(now: number): number {
    const { rate } = this.#limits
    const [oldest] = this.#starts
    return rate === undefined || oldest === undefined ? 0 : Math.max(0, oldest + rate.perMs - now)
  }
}

export class TaskLimits {
  readonly #ports: TaskLimitsPorts
  readonly #limited = new Map<string, Limited>()
  readonly #listeners: TaskLimitsListener[] = []

  constructor(ports: TaskLimitsPorts) {
    this.#ports = ports
    for (const [task, limits] of ports.implementations) {
      const { concurrency, rate } = limits
      if (concurrency !== undefined || rate !== undefined) this.#limited.set(task, new Limited(limits))
    }
  }

  listen(listener: TaskLimitsListener): void {
    this.#listeners.push(listener)
  }

  /** Whether a task has limits, so that a subscription has to be able to read its queue or not to. */
  has(task: string): boolean {
    return this.#limited.has(task)
  }

  /** How many jobs of the task may begin now, as far as its limits go. */
  room(task: string): number {
    return this.#limited.get(task)?.room(this.#ports.clock.steady()) ?? Number.POSITIVE_INFINITY
  }

  /** How many jobs of the task may run at once. */
  most(task: string): number {
    return this.#limited.get(task)?.most ?? Number.POSITIVE_INFINITY
  }

  /** How long until the task's limits let a job begin, in ms, once those that run have ended; 0 where one may. */
  waitMs(task: string): number {
    const limited = this.#limited.get(task)
    const now = this.#ports.clock.steady()
    if (limited !== undefined && limited.stuck >= limited.most) return Number.POSITIVE_INFINITY
    return limited === undefined || limited.roomByRate(now) > 0 ? 0 : limited.easesInMs(now)
  }

  began(task: string): void {
    const limited = this.#limited.get(task)
    limited?.begin(this.#ports.clock.steady())
    if (limited !== undefined) this.#await(limited)
  }

  /** Its slot is free. */
  ended(task: string): void {
    const limited = this.#limited.get(task)
    if (limited !== undefined) limited.running--
  }

  /** Its slot comes free, and its code goes on: beside that no more of the task may run than before. */
  goesOn(task: string, returned: Promise<unknown>): void {
    const limited = this.#limited.get(task)
    if (limited === undefined) return
    limited.running++
    limited.stuck++
    void returned.then(() => {
      limited.running--
      limited.stuck--
      this.#eased()
    })
  }

  /** Nothing begins any more. */
  stop(): void {
    for (const limited of this.#limited.values()) limited.stopTimer?.()
  }

  /** Tells as its rate lets more begin, while that is fewer than there are slots. */
  #await(limited: Limited): void {
    const { clock, concurrency } = this.#ports
    const now = clock.steady()
    if (limited.stopTimer !== undefined || limited.roomByRate(now) >= concurrency) return
    const ms = limited.easesInMs(now)
    if (ms === 0) return
    limited.stopTimer = clock.timer(ms, () => {
      limited.stopTimer = undefined
      this.#eased()
      this.#await(limited)
    })
  }

  #eased(): void {
    for (const listener of this.#listeners) listener.eased()
  }
}
