/**
 * How a worker's jobs come: lanes, which are queue subscriptions with a prefetch of 1, so that on every broker "handed out" means
 * "in hand here". A lane reads the queue of one task or, where the broker can do that, those of a group of tasks.
 */
import type { Incoming, Subscription } from '../../shared/stomp/mod.ts'
import type { Handed } from './handed.ts'

export interface LanesPorts {
  /** The tasks, in groups whose queues one lane reads, as the broker at hand has it; the same value while that is the same. */
  groups(): readonly (readonly string[])[]
  /** Subscribes to the queues of a group with a prefetch of 1. */
  open(group: readonly string[], onMessage: (task: string, incoming: Incoming) => void): Subscription
  /** A job has come. */
  delivered(task: string, handed: Handed): void
  /** Whether a lane may close before the worker drains: not where a job on its way to it would come again as a loss. */
  mayClose(): boolean
}

interface Ports extends LanesPorts {
  /** A lane is parked, or no longer. */
  parked(): void
  /** A lane has less in hand, or is closed for good. */
  letGo(): void
  /** What may stay in hand, while nothing else is to be; absent at other times. */
  kept(): readonly Handed[] | undefined
}

export interface Lane {
  readonly subscription: Subscription
  /** Messages it handed out on this connection that were not settled. */
  unsettled: number
  /** What it has in hand waits for one who does not read: it stands for no slot meanwhile. */
  isParked: boolean
  /** Jobs that came while the worker drained and were not left. */
  turnedRound: number
  /** Something came that is left to the broker: it closes as soon as it has nothing in hand. */
  hasLeft: boolean
  /** Something came by it since the last look for those that nothing comes by. */
  isUsed: boolean
  /** `closing`: the worker drains, and what its last ACK let the broker send may still come. */
  at: 'open' | 'closing' | 'closed'
}

/** The tasks that are read together, and by what. */
export interface Group {
  readonly tasks: readonly string[]
  readonly lanes: Lane[]
}

/** How long a job is in hand until its broker is asked for what it keeps back behind it; each time twice as long. */
const askForMoreMs = 5_000
/** Of each lane of a worker that drains, where what is left looks like a loss. */
const maxTurnedRound = 3
/** How long a lane that drains stays open for what its last ACK brought. */
const closeSoonMs = 50

export class Lanes {
  readonly #ports: Ports
  #groups: Group[] = []
  #grouped: readonly (readonly string[])[] | undefined
  #connection = 0
  #isDraining = false
  readonly #closing = new Set<Promise<void>>()
  /** Closed, and not yet confirmed. */
  #unconfirmed = 0
  readonly #laneOf = new WeakMap<Handed, Lane>()
  readonly #asking = new Set<() => void>()

  constructor(ports: Ports) {
    this.#ports = ports
  }

  /** As they are to be for the broker at hand. */
  get groups(): readonly Group[] {
    const wanted = this.#ports.groups()
    if (wanted === this.#grouped) return this.#groups
    this.#grouped = wanted
    const before = new Map(this.#groups.map(group => [group.tasks.join(), group]))
    this.#groups = wanted.map(tasks => before.get(tasks.join()) ?? { tasks, lanes: [] })
    // Of a broker that could do more or less, and gone with its connection.
    for (const group of before.values()) {
      if (!this.#groups.includes(group)) for (const lane of [...group.lanes]) this.close(group, lane)
    }
    return this.#groups
  }

  /** Resolves when every lane is confirmed; rejects with what the broker said of one that is refused. */
  async ready(): Promise<void> {
    const lanes = this.#groups.flatMap(group => group.lanes)
    const isOpen = async (lane: Lane): Promise<void> => {
      try {
        await lane.subscription.ready
      } catch (refused) {
        if (lane.at !== 'closed') throw refused
      }
    }
    await Promise.all(lanes.map(isOpen))
  }

  open(group: Group): void {
    const onMessage = (task: string, incoming: Incoming): void => {
      if (lane.at === 'closed') return // the broker has put it back
      if (lane.hasLeft || !this.#mayKeep(lane)) {
        lane.hasLeft = true
        if (lane.unsettled === 0) this.close(group, lane)
        return
      }
      lane.unsettled++
      lane.isUsed = true
      this.#ports.delivered(task, this.#hand(lane, group, incoming))
    }
    const subscription = this.#ports.open(group.tasks, onMessage)
    const lane: Lane = {
      subscription,
      unsettled: 0,
      isParked: false,
      turnedRound: 0,
      hasLeft: false,
      isUsed: true,
      at: 'open',
    }
    group.lanes.push(lane)
  }

  close(group: Group, lane: Lane): void {
    if (lane.at === 'closed') return
    lane.at = 'closed'
    group.lanes.splice(group.lanes.indexOf(lane), 1)
    this.#unconfirmed++
    const confirmed = (): void => {
      this.#unconfirmed--
      this.#ports.letGo()
    }
    lane.subscription.unsubscribe().then(confirmed, confirmed) // gone with its connection, where it fails
  }

  /**
   * Closes lanes as they are without a job in hand, but for those of what may be kept.
   * @returns whether nothing else is in hand or may come
   */
  clear(): boolean {
    let isClear = true
    for (const group of this.#groups) {
      for (const lane of [...group.lanes]) {
        if (this.#mayKeep(lane)) isClear &&= lane.unsettled <= 1
        else if (lane.unsettled === 0) this.close(group, lane)
        else isClear = false
      }
    }
    return isClear && this.#unconfirmed === 0
  }

  /** Closes lanes without a job in hand. @param isTooMany given the group and how many of it were closed already */
  closeIdle(isTooMany: (group: Group, closed: number) => boolean): void {
    for (const group of this.#groups) {
      const idle = group.lanes.filter(({ unsettled, at }) => unsettled === 0 && at === 'open')
      for (const [closed, lane] of idle.entries()) {
        if (!isTooMany(group, closed)) break
        this.close(group, lane)
      }
    }
  }

  /** Closes lanes that nothing came by since the last time. @param isTooMany whether the group has more than it needs */
  closeUnused(isTooMany: (group: Group) => boolean): void {
    for (const group of this.#groups) {
      for (const lane of group.lanes.filter(
        ({ isUsed, unsettled, at }) => !isUsed && unsettled === 0 && at === 'open',
      )) {
        if (isTooMany(group)) this.close(group, lane)
      }
      for (const lane of group.lanes) lane.isUsed = false
    }
  }

  /** What was handed out is handed out again to somebody. */
  connectionLost(): void {
    this.#connection++
    for (const stop of this.#asking) stop()
    for (const { lanes } of this.#groups)
      for (const lane of lanes) Object.assign(lane, { unsettled: 0, isParked: false, hasLeft: false })
  }

  /** Closes lanes as they are without a job in hand. */
  drain(): void {
    this.#isDraining = true
    for (const stop of this.#asking) stop()
    this.closeIdle(() => true)
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

  #mayKeep(lane: Lane): boolean {
    return this.#ports.kept()?.some(handed => this.#laneOf.get(handed) === lane) ?? true
  }

  #hand(lane: Lane, group: Group, incoming: Incoming): Handed {
    const connection = this.#connection
    let isSettled = false
    let isAckSent = false
    const stopAsking = this.#askForMore(incoming, () => !isAckSent)
    const park = (isParked: boolean): void => {
      lane.isParked = isParked
      this.#ports.parked()
    }
    const settled = (): void => {
      stopAsking()
      if (isSettled || connection !== this.#connection) return
      isSettled = true
      lane.unsettled--
      if (lane.isParked) park(false)
      if (lane.unsettled === 0 && lane.hasLeft) this.close(group, lane)
      this.#ports.letGo()
      if (this.#isDraining && lane.unsettled === 0) this.#closeSoon(group, lane)
    }
    const handed: Handed = {
      incoming,
      ack(transaction) {
        isAckSent = true
        incoming.ack(transaction)
      },
      settled,
      refused() {
        isAckSent = false
      },
      park: () => {
        if (!isSettled && connection === this.#connection && !lane.isParked) park(true)
      },
      isGone: () => connection !== this.#connection,
      leave: () => {
        const isMarkedNow = incoming.headers.redelivered === 'true'
        if (!this.#ports.mayClose() && !isMarkedNow && ++lane.turnedRound <= maxTurnedRound) return false
        settled()
        return true
      },
      mayGoBack: () => !isSettled && connection === this.#connection && lane.unsettled === 1 && this.#ports.mayClose(),
      putBack: () => {
        stopAsking()
        isSettled = true
        this.close(group, lane)
      },
    }
    this.#laneOf.set(handed, lane)
    return handed
  }

  /**
   * While a job is in hand, its lane has no room, and what its broker has given that lane beside it waits for its end, though others
   * are free. Asked for, it comes, and goes on to them.
   * @param mayAsk not beside an ACK of the same job, open or done: a bridge ends the session for a second one
   * @returns how to stop
   */
  #askForMore({ askForMore }: Incoming, mayAsk: () => boolean): () => void {
    if (askForMore === undefined || this.#isDraining) return nothing
    let ms = askForMoreMs
    const ask = (): void => {
      if (mayAsk()) {
        askForMore()
        ms *= 2
      }
      timer = setTimeout(ask, ms)
    }
    let timer = setTimeout(ask, ms)
    const stop = (): void => {
      clearTimeout(timer)
      this.#asking.delete(stop)
    }
    this.#asking.add(stop)
    return stop
  }

  /** At once where nothing depends on it; else once the next job of a queue that has more has come, or would have. */
  #closeSoon(group: Group, lane: Lane): void {
    if (this.#ports.mayClose()) {
      this.close(group, lane)
      return
    }
    lane.at = 'closing'
    const closing = new Promise<void>(resolve => setTimeout(resolve, closeSoonMs)).then(() => {
      this.#closing.delete(closing)
      if (lane.unsettled === 0) this.close(group, lane)
    })
    this.#closing.add(closing)
  }
}

const nothing = (): void => {}
