/**
 * How a worker's jobs come: by subscriptions to queues with a prefetch of 1, so that on every broker "handed out" means "in hand
 * here". A subscription reads the queue of one task or, where the broker can do that, those of a group of tasks.
 */
import type { Clock } from '../../shared/clock.ts'
import type { BrokerSession, Incoming, Stomp } from '../../shared/stomp/mod.ts'
import type { Delivery } from '../delivery.ts'
import { AskForMore } from './ask-for-more.ts'
import { newSubscription, type QueueSubscription, queueDelivery, turnMs } from './queue-delivery.ts'
import { groupOf, homeOf, type QueueGroup } from './queue-group.ts'
import type { Queues } from './queues.ts'
import { taskOf } from './source.ts'

export interface QueueSubscriptionsPorts {
  readonly stomp: Pick<Stomp, 'subscribe'>
  readonly queues: Pick<Queues, 'groups' | 'subscribeOptions' | 'byQueue' | 'refusedOwn'>
  readonly clock: Clock
  /** The latest there was. */
  session(): BrokerSession
}

/** The consumer and the slots, which hear of changes of subscriptions. */
export interface QueueSubscriptionsListener {
  /** A job has come. */
  delivered?(task: string, delivery: Delivery): void
  /** The groups are others now, or a subscription is parked, or is so no longer. */
  changed?(): void
  /** A subscription has less in hand, or is closed for good. */
  letGo?(): void
  /** Asked which deliveries may stay in hand, while no other may; `undefined` at other times. */
  kept?(): readonly Delivery[] | undefined
}

/** How long a subscription that drains stays open for a job that its last ACK brought, which would come back marked. */
const closeSoonMs = 50
/** The same where the worker goes on, or its broker ends a connection that unsubscribes as a job is on its way (RabbitMQ). */
const closeQuietMs = 500

export class QueueSubscriptions {
  readonly #ports: QueueSubscriptionsPorts
  readonly #listeners: QueueSubscriptionsListener[] = []
  #groups: QueueGroup[] = []
  /** Subscriptions of tasks that are read no longer, while they have a job in hand. */
  readonly #retired: QueueGroup = groupOf([])
  #grouped: readonly (readonly string[])[] | undefined
  #connection = 0
  #isDraining = false
  readonly #closing = new Set<Promise<void>>()
  /** Closed, and not yet confirmed. */
  #unconfirmed = 0
  readonly #subscriptionOf = new WeakMap<Delivery, QueueSubscription>()
  readonly #askForMore: AskForMore

  constructor(ports: QueueSubscriptionsPorts) {
    this.#ports = ports
    this.#askForMore = new AskForMore(ports.clock)
  }

  listen(listener: QueueSubscriptionsListener): void {
    this.#listeners.push(listener)
  }

  /** Whether a subscription may close before the worker drains: not where a job on its way to it would come again as a loss. */
  get mayClose(): boolean {
    return this.#ports.session().dialect.unsubscribeReturns
  }

  /** Whether one that nothing comes by may close before that, where none else may. */
  get mayCloseUnused(): boolean {
    return this.#ports.session().dialect.unsubscribeMarks === true
  }

  /** The groups that the broker at hand allows. */
  get groups(): readonly QueueGroup[] {
    const wanted = this.#ports.queues.groups
    if (wanted === this.#grouped) return this.#groups
    this.#grouped = wanted
    const before = new Map(this.#groups.map(group => [group.sources.join(), group]))
    this.#groups = wanted.map(sources => before.get(sources.join()) ?? groupOf(sources))
    for (const group of before.values()) if (!this.#groups.includes(group)) this.#retire(group)
    this.#takeHome()
    return this.#groups
  }

  /** The broker could do more or less, and is gone with its connection; or a task is paused, or goes on. */
  #retire(group: QueueGroup): void {
    for (const subscription of [...group.subscriptions]) {
      subscription.isRetired = true
      group.subscriptions.splice(group.subscriptions.indexOf(subscription), 1)
      this.#retired.subscriptions.push(subscription)
      this.#closeIfIdle(subscription)
    }
  }

  /** The job of a retired one stands for a slot where the group counts that reads its queue now: of a task that goes on, too. */
  #takeHome(): void {
    for (const subscription of this.#retired.subscriptions.splice(0)) {
      const home = homeOf(subscription, this.#groups) ?? this.#retired
      home.subscriptions.push(subscription)
    }
  }

  get #all(): readonly QueueGroup[] {
    return [...this.#groups, this.#retired]
  }

  /** Resolves when every subscription is confirmed; rejects with the broker's error about one that is refused. */
  async ready(): Promise<void> {
    const groups = this.#groups
    const subscriptions = groups.flatMap(group => group.subscriptions)
    const isOpen = async (subscription: QueueSubscription): Promise<void> => {
      try {
        await subscription.handle.ready
      } catch (refused) {
        if (subscription.at !== 'closed') throw refused
      }
    }
    await Promise.all(subscriptions.map(isOpen))
    if (groups !== this.#groups) await this.ready() // some queues are read in another way now
  }

  open(group: QueueGroup): void {
    const { stomp, queues, clock } = this.#ports
    const byQueue = queues.byQueue(group.sources)
    const onMessage = (incoming: Incoming): void => {
      if (subscription.at === 'closed') return // the broker has put it back
      if (subscription.hasLeft || !this.#mayKeep(subscription)) {
        subscription.hasLeft = true
        if (subscription.unsettled === 0) this.close(subscription)
        return
      }
      subscription.unsettled++
      subscription.isUsed = true
      // A job that names no queue of the group goes by the first one, whose reader says that this is wrong.
      const source = byQueue.get(incoming.destination) ?? group.sources[0]!
      subscription.source = source
      const delivery = this.#deliveryOf(subscription, incoming, source)
      const waitMs = turnMs(subscription)
      if (waitMs === 0) this.#delivered(source, delivery)
      else clock.timer(waitMs, () => delivery.isGone() || this.#delivered(source, delivery))
    }
    const options = queues.subscribeOptions(group.sources, this.#changed)
    const handle = stomp.subscribe(options, onMessage)
    handle.ready.catch((error: Error) => queues.refusedOwn(group.sources, error, this.#changed))
    const subscription = newSubscription(handle, group.sources)
    group.subscriptions.push(subscription)
  }

  close(subscription: QueueSubscription): void {
    if (subscription.at === 'closed') return
    subscription.at = 'closed'
    for (const { subscriptions } of this.#all) {
      const found = subscriptions.indexOf(subscription)
      if (found >= 0) subscriptions.splice(found, 1)
    }
    this.#unconfirmed++
    const confirmed = (): void => {
      this.#unconfirmed--
      this.#letGo()
    }
    subscription.handle.unsubscribe().then(confirmed, confirmed) // gone with its connection, where it fails
  }

  /**
   * Closes subscriptions as they are without a job in hand, but for those of deliveries that may be kept.
   * @returns whether nothing else is in hand or may come
   */
  clear(): boolean {
    let isClear = true
    for (const group of this.#all) {
      for (const subscription of [...group.subscriptions]) {
        if (this.#mayKeep(subscription)) isClear &&= subscription.unsettled <= 1
        else if (subscription.unsettled === 0) this.close(subscription)
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
        this.close(subscription)
      }
    }
  }

  /** Closes subscriptions that nothing came by since the last time. @param isTooMany whether the group has more than it needs */
  closeUnused(isTooMany: (group: QueueGroup) => boolean): void {
    for (const group of this.#groups) {
      for (const subscription of group.subscriptions.filter(
        ({ isUsed, unsettled, at }) => !isUsed && unsettled === 0 && at === 'open',
      )) {
        if (isTooMany(group)) this.close(subscription)
      }
      for (const subscription of group.subscriptions) subscription.isUsed = false
    }
  }

  /** The broker hands the deliveries of that connection out again. */
  connectionLost(): void {
    this.#connection++
    this.#askForMore.stopAll()
    for (const { subscriptions } of this.#all) {
      for (const subscription of [...subscriptions]) {
        Object.assign(subscription, { unsettled: 0, isParked: false, hasLeft: false })
        if (subscription.isRetired) this.close(subscription)
      }
    }
  }

  /** Closes subscriptions as they are without a job in hand, and nothing came by them for a moment where that matters. */
  drain(): void {
    this.#isDraining = true
    this.#askForMore.stopAll()
    for (const { subscriptions } of this.#groups)
      for (const subscription of [...subscriptions]) this.#closeIfIdle(subscription)
  }

  /**
   * Waits for the subscriptions that close soon; a job that came by them meanwhile may be yet to be settled.
   * @returns whether there were any
   */
  async closing(): Promise<boolean> {
    const closing = [...this.#closing]
    await Promise.all(closing)
    return closing.length > 0
  }

  #changed = (): void => {
    for (const listener of this.#listeners) listener.changed?.()
  }

  #delivered(source: string, delivery: Delivery): void {
    for (const listener of this.#listeners) listener.delivered?.(taskOf(source), delivery)
  }

  #letGo(): void {
    for (const listener of this.#listeners) listener.letGo?.()
  }

  #mayKeep(subscription: QueueSubscription): boolean {
    for (const listener of this.#listeners) {
      const kept = listener.kept?.()
      if (kept !== undefined) return kept.some(delivery => this.#subscriptionOf.get(delivery) === subscription)
    }
    return true
  }

  #deliveryOf(subscription: QueueSubscription, incoming: Incoming, source: string): Delivery {
    const connection = this.#connection
    const delivery = queueDelivery({
      incoming,
      source,
      subscription,
      askForMore: this.#isDraining ? undefined : this.#askForMore,
      isGone: () => connection !== this.#connection,
      mayClose: () => this.mayClose,
      isDraining: () => this.#isDraining,
      changed: this.#changed,
      settled: () => {
        if (subscription.unsettled === 0 && subscription.hasLeft) this.close(subscription)
        this.#letGo()
        if (!(this.#isDraining || subscription.isRetired) || subscription.unsettled > 0) return
        this.#closeSoon(subscription)
        if (!this.#isDraining) this.#changed()
      },
      close: () => this.close(subscription),
    })
    this.#subscriptionOf.set(delivery, subscription)
    return delivery
  }

  /** A job may be on its way to it, after its last ACK or since it is new. */
  #closeIfIdle(subscription: QueueSubscription): void {
    if (subscription.unsettled === 0 && subscription.at === 'open') this.#closeSoon(subscription)
  }

  /** At once where nothing depends on it; else once the next job of a queue that has more has come, or would have. */
  #closeSoon(subscription: QueueSubscription): void {
    if (this.mayClose) {
      this.close(subscription)
      return
    }
    subscription.at = 'closing'
    const ms = this.#isDraining && this.mayCloseUnused ? closeSoonMs : closeQuietMs
    const closing = new Promise<void>(resolve => this.#ports.clock.timer(ms, resolve)).then(() => {
      this.#closing.delete(closing)
      if (subscription.unsettled === 0 && subscription.closing === closing) this.close(subscription)
    })
    subscription.closing = closing
    this.#closing.add(closing)
  }
}
