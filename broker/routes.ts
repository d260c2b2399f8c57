/** Every place that a message can go to or come from: queues, topics, durable subscriptions, and the wait before. */

import type { Clock } from '../shared/clock.ts'
import { Admission, type AdmissionEvents } from './admission.ts'
import { Delays, type Waiting } from './delays.ts'
import { Durables } from './durables.ts'
import type { BrokerLimits } from './limits.ts'
import type { Message } from './message.ts'
import { Queues } from './queues.ts'
import { Quotas } from './quotas.ts'
import { Room, type Rooms } from './room.ts'
import type { Journal } from './store/journal.ts'
import type { Subscription } from './subscription.ts'
import { Topics } from './topics.ts'

/** How often queues are looked through for expired messages that nobody reads. */
const sweepMs = 1_000

/** When a message that is due is looked at again, where the disk could not read it. */
const againMs = 1_000

/** Events about messages that reach nobody. */
export interface RouteEvents extends AdmissionEvents {
  readonly onDurableDropped: (name: string, reason: string) => void
  /** A reply was dropped: the owner of its temporary queue is gone, or has as many reply queues as one may. */
  readonly onUnanswerable: (destination: string) => void
}

export class Routes {
  readonly rooms: Rooms
  readonly quotas: Quotas
  readonly topics: Topics = new Topics()
  readonly durables: Durables
  readonly delays: Delays
  readonly queues: Queues
  /** Is asked before anything is published. */
  readonly admission: Admission
  /** Keeps persistent messages on disk; absent where everything is in memory only. */
  readonly journal: Journal | undefined
  readonly #clock: Clock
  readonly #events: RouteEvents
  #stopSweep: (() => void) | undefined

  constructor(clock: Clock, limits: BrokerLimits, events: RouteEvents, journal?: Journal) {
    this.journal = journal
    this.#clock = clock
    this.#events = events
    this.rooms = {
      memory: new Room({ inAll: limits.maxTotalBytes, ofOwner: limits.maxOwnerBytes }),
      disk: new Room({ inAll: limits.maxStoredBytes, ofOwner: limits.maxOwnerStoredBytes, where: 'on disk' }),
    }
    this.quotas = new Quotas(limits)
    this.delays = new Delays(clock, due => this.#release(due))
    this.queues = new Queues(limits, this.rooms, this.quotas.queues, () => clock.now(), journal)
    this.admission = new Admission(this.queues, this.rooms, events)
    this.durables = new Durables({
      topics: this.topics,
      rooms: this.rooms,
      quota: this.quotas.durables,
      // Messages that wait for a reader count in the share of that reader, not in their sender's
      openQueue: (route, owner) => this.queues.create(route, owner, undefined, owner),
      onDropped: events.onDurableDropped,
      journal,
    })
  }

  /** Takes in a message for which there is room. */
  publish(message: Message): void {
    if (this.queues.isGone(message.route, message.owner)) {
      // Like a letter to a house that is gone: nobody can be told, and the sender did nothing wrong
      this.#events.onUnanswerable(message.route)
      return
    }
    if (message.expiresAt <= this.#clock.now()) return
    const isTopic = message.destination.kind === 'topic'
    if (message.delayMs > 0) {
      if (!isTopic) this.queues.at(message.route, message.owner)
      const row = this.journal?.keepDelayed(message.route, message, this.#clock.now() + message.delayMs) ?? 0
      this.delay(message, row)
    } else if (isTopic) this.topics.publish(message)
    else this.queues.at(message.route, message.owner).push(message)
    if (message.expiresAt !== Number.POSITIVE_INFINITY) this.startSweep()
  }

  /**
   * Has a message wait for its delay. Its queue is made where it is not there.
   * @param row its number in the store
   */
  delay(message: Message, row: number): void {
    if (message.destination.kind === 'topic') this.#roomOf(message).add(message.payer, message.bytes)
    else this.queues.restored(message.route, message.owner).reserve(message)
    this.delays.add({ message, row, route: message.route }, message.delayMs)
  }

  /**
   * @param place of a queue, and in whose share it or a durable subscription is made; of topics, the destination says it
   * @param durable the name of a durable subscription
   */
  subscribe(
    subscription: Subscription,
    place: { readonly route: string; readonly owner: string },
    durable?: string,
  ): void {
    const { kind, hasWildcard } = subscription.destination
    if (durable !== undefined) this.durables.attach(durable, subscription, place.owner)
    else if (kind === 'topic') this.topics.add(subscription)
    else if (hasWildcard) this.queues.addWildcardReader(subscription)
    else {
      const queue = this.queues.at(place.route, place.owner)
      subscription.queues.add(queue)
      queue.add(subscription)
    }
  }

  unsubscribe(subscription: Subscription, durable?: string): void {
    if (durable !== undefined) this.durables.detach(durable, subscription)
    this.topics.remove(subscription)
    this.queues.removeWildcardReader(subscription)
    subscription.end()
  }

  /** Temporary queues go with their connection, and so do messages in them or on the way. */
  removeTemporary(routes: ReadonlySet<string>): void {
    const gone = [...routes].flatMap(route => this.queues.find(route) ?? [])
    if (gone.some(queue => queue.delayed > 0)) {
      for (const { message, route } of this.delays.takeOut(one => routes.has(one))) {
        if (message) this.queues.find(route)?.release(message) // no store keeps one of a temporary queue
      }
    }
    for (const queue of gone) {
      this.queues.remove(queue)
      queue.end()
    }
  }

  close(): void {
    this.delays.close()
    this.#stopSweep?.()
    this.#stopSweep = undefined
  }

  #roomOf(message: Message): Room {
    return this.queues.keeps(message) ? this.rooms.disk : this.rooms.memory
  }

  /** A delay is over. Where the disk cannot read the message, it is looked at again a little later. */
  #release(due: Waiting): void {
    const { row } = due
    const message = due.message ?? this.journal?.delayed(row)
    if (!message) {
      this.delays.add(due, againMs)
      return
    }
    const isExpired = message.expiresAt <= this.#clock.now()
    const isTopic = message.destination.kind === 'topic'
    if (isTopic && !isExpired && this.journal?.loadContent(row, message, message.route) === false) {
      this.delays.add(due, againMs)
      return
    }
    if (isTopic || isExpired) this.journal?.remove({ row, bytes: message.bytes, message })
    if (isTopic) {
      this.#roomOf(message).release(message.payer, message.bytes)
      if (!isExpired) this.topics.publish(message)
      return
    }
    const queue = this.queues.at(message.route, message.owner)
    if (!isExpired) queue.push(message, row)
    queue.release(message)
  }

  /** Looks after messages that expire, as long as there are any. */
  startSweep(): void {
    this.#stopSweep ??= this.#clock.timer(sweepMs, () => {
      this.#stopSweep = undefined
      const now = this.#clock.now()
      const queues = [...this.queues.values(), ...this.durables.queues]
      for (const queue of queues) queue.dropExpired(now)
      if (queues.some(queue => queue.earliestExpiry !== Number.POSITIVE_INFINITY)) this.startSweep()
    })
  }
}
