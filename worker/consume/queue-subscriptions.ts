/**
 * How a worker's jobs come: by subscriptions to queues with a prefetch of 1, so that on every broker "handed out" means "in hand
 * here". A subscription reads the queue of one task or, where the broker can do that, those of a group of tasks.
 */
import type { Clock } from '../../shared/clock.ts'
import type { Incoming, Subscription } from '../../shared/stomp/mod.ts'
import type { Delivery } from '../delivery.ts'
import { AskForMore } from './ask-for-more.ts'

export interface QueueSubscriptionsPorts {
  /** The tasks, in groups whose queues one subscription reads, as the broker at hand has it; the same value for the same. */
  groups(): readonly (readonly string[])[]
  /** Subscribes to the queues of a group with a prefetch of 1. */
  open(group: readonly string[], onMessage: (task: string, incoming: Incoming) => void): Subscription
  readonly clock: Clock
  /** A job has come. */
  delivered(task: string, delivery: Delivery): void
  /** Whether a subscription may close before the worker drains: not where a job on its way to it would come again as a loss. */
  mayClose(): boolean
}

interface Ports extends QueueSubscriptionsPorts {
  /** A subscription is parked, or no longer. */
  parked(): void
  /** A subscription has less in hand, or is closed for good. */
  letGo(): void
  /** What may stay in hand, while nothing else is to be; absent at other times. */
  kept(): readonly Delivery[] | undefined
}

export interface QueueSubscription {
  readonly handle: Subscription
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
export interface QueueGroup {
  readonly tasks: readonly string[]
  readonly subscriptions: QueueSubscription[]
}

/** Of each subscription of a worker that drains, where what is left looks like a loss. */
const maxTurnedRound = 3
/** How long a subscription that drains stays open for what its last ACK brought. */
const closeSoonMs = 50

export class QueueSubscriptions {
  readonly #ports: Ports
  #groups: QueueGroup[] = []
  #grouped: readonly (readonly string[])[] | undefined
  #connection = 0
  #isDraining = false
  readonly #closing = new Set<Promise<void>>()
  /** Closed, and not yet confirmed. */
  #unconfirmed = 0
  readonly #subscriptionOf = new WeakMap<Delivery, QueueSubscription>()
  readonly #askForMore: AskForMore

  constructor(ports: Ports) {
    this.#ports = ports
    this.#askForMore = new AskForMore(ports.clock)
  }

  /** As they are to be for the broker at hand. */
  get groups(): readonly QueueGroup[] {
    const wanted = this.#ports.groups()
    if (wanted === this.#grouped) return this.#groups
    this.#grouped = wanted
    const before = new Map(this.#groups.map(group => [group.tasks.join(), group]))
    this.#groups = wanted.map(tasks => before.get(tasks.join()) ?? { tasks, subscriptions: [] })
    // Of a broker that could do more or less, and gone with its connection.
    for (const group of before.values()) {
      if (!this.#groups.includes(group))
        for (const subscription of [...group.subscriptions]) this.close(group, subscription)
    }
    return this.#groups
  }

  /** Resolves when every subscription is confirmed; rejects with what the broker said of one that is refused. */
  async ready(): Promise<void> {
    const subscriptions = this.#groups.flatMap(group => group.subscriptions)
    const isOpen = async (subscription: QueueSubscription): Promise<void> => {
      try {
        await subscription.handle.ready
      } catch (refused) {
        if (subscription.at !== 'closed') throw refused
      }
    }
    await Promise.all(subscriptions.map(isOpen))
  }

  open(group: QueueGroup): void {
    const onMessage = (task: string, incoming: Incoming): void => {
      if (subscription.at === 'closed') return // the broker has put it back
      if (subscription.hasLeft || !this.#mayKeep(subscription)) {
        subscription.hasLeft = true
        if (subscription.unsettled === 0) this.close(group, subscription)
        return
      }
      subscription.unsettled++
      subscription.isUsed = true
      this.#ports.delivered(task, this.#deliveryOf(subscription, group, incoming))
    }
    const handle = this.#ports.open(group.tasks, onMessage)
    const subscription: QueueSubscription = {
      handle,
      unsettled: 0,
      isParked: false,
      turnedRound: 0,
      hasLeft: false,
      isUsed: true,
      at: 'open',
    }
    group.subscriptions.push(subscription)
  }

  close(group: QueueGroup, subscription: QueueSubscription): void {
    if (subscription.at === 'closed') return
    subscription.at = 'closed'
    group.subscriptions.splice(group.subscriptions.indexOf(subscription), 1)
    this.#unconfirmed++
    const confirmed = (): void => {
      this.#unconfirmed--
      this.#ports.letGo()
    }
    subscription.handle.unsubscribe().then(confirmed, confirmed) // gone with its connection, where it fails
  }

  /**
   * Closes subscriptions as they are without a job in hand, but for those of what may be kept.
   * @returns whether nothing else is in hand or may come
   */
  clear(): boolean {
    let isClear = true
    for (const group of this.#groups) {
      for (const subscription of [...group.subscriptions]) {
        if (this.#mayKeep(subscription)) isClear &&= subscription.unsettled <= 1
        else if (subscription.unsettled === 0) this.close(group, subscription)
        else isClear = false
      }
    }
    return isClear && this.#unconfirmed === 0
  }

  /** Closes subscriptions without a job in hand. @param isTooMany given the group and how many of it were closed already */
  closeIdle(isTooMany: (group: QueueGroup, closed: number) => boolean): void {
    for (const group of this.#groups) {
      const idle = group.subscriptions.filter(({ unsettled, at }) => unsettled === 0 && at === 'open')
      for (const [closed, subscription] of idle.entries()) {
        if (!isTooMany(group, closed)) break
        this.close(group, subscription)
      }
    }
  }

  /** Closes subscriptions that nothing came by since the last time. @param isTooMany whether the group has more than it needs */
  closeUnused(isTooMany: (group: QueueGroup) => boolean): void {
    for (const group of this.#groups) {
      for (const subscription of group.subscriptions.filter(
        ({ isUsed, unsettled, at }) => !isUsed && unsettled === 0 && at === 'open',
      )) {
        if (isTooMany(group)) this.close(group, subscription)
      }
      for (const subscription of group.subscriptions) subscription.isUsed = false
    }
  }

  /** What was handed out is handed out again to somebody. */
  connectionLost(): void {
    this.#connection++
    this.#askForMore.stopAll()
    for (const { subscriptions } of this.#groups)
      for (const subscription of subscriptions)
        Object.assign(subscription, { unsettled: 0, isParked: false, hasLeft: false })
  }

  /** Closes subscriptions as they are without a job in hand. */
  drain(): void {
    this.#isDraining = true
    this.#askForMore.stopAll()
    this.closeIdle(() => true)
  }

  /**
   * Waits for the subscriptions that close soon; what came by them meanwhile may be yet to be settled.
   * @returns whether there were any
   */
  async closing(): Promise<boolean> {
    const closing = [...this.#closing]
    await Promise.all(closing)
    return closing.length > 0
  }

  #mayKeep(subscription: QueueSubscription): boolean {
    return this.#ports.kept()?.some(delivery => this.#subscriptionOf.get(delivery) === subscription) ?? true
  }

  #deliveryOf(subscription: QueueSubscription, group: QueueGroup, incoming: Incoming): Delivery {
    const connection = this.#connection
    let isSettled = false
    let isAckSent = false
    const stopAsking = this.#isDraining ? nothing : this.#askForMore.start(incoming, () => !isAckSent)
    const park = (isParked: boolean): void => {
      subscription.isParked = isParked
      this.#ports.parked()
    }
    const settled = (): void => {
      stopAsking()
      if (isSettled || connection !== this.#connection) return
      isSettled = true
      subscription.unsettled--
      if (subscription.isParked) park(false)
      if (subscription.unsettled === 0 && subscription.hasLeft) this.close(group, subscription)
      this.#ports.letGo()
      if (this.#isDraining && subscription.unsettled === 0) this.#closeSoon(group, subscription)
    }
    const delivery: Delivery = {
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
        if (!isSettled && connection === this.#connection && !subscription.isParked) park(true)
      },
      isGone: () => connection !== this.#connection,
      leaveUnsettled: () => {
        const isMarkedNow = incoming.headers.redelivered === 'true'
        if (!this.#ports.mayClose() && !isMarkedNow && ++subscription.turnedRound <= maxTurnedRound) return false
        settled()
        return true
      },
      mayRequeue: () =>
        !isSettled && connection === this.#connection && subscription.unsettled === 1 && this.#ports.mayClose(),
      requeue: () => {
        stopAsking()
        isSettled = true
        this.close(group, subscription)
      },
    }
    this.#subscriptionOf.set(delivery, subscription)
    return delivery
  }

  /** At once where nothing depends on it; else once the next job of a queue that has more has come, or would have. */
  #closeSoon(group: QueueGroup, subscription: QueueSubscription): void {
    if (this.#ports.mayClose()) {
      this.close(group, subscription)
      return
    }
    subscription.at = 'closing'
    const closing = new Promise<void>(resolve => this.#ports.clock.timer(closeSoonMs, resolve)).then(() => {
      this.#closing.delete(closing)
      if (subscription.unsettled === 0) this.close(group, subscription)
    })
    this.#closing.add(closing)
  }
}

const nothing = (): void => {}
