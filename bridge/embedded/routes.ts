/** Every place that a message can go to or come from: queues, topics, durable subscriptions, and the wait before. */

import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import { Delays } from './delays.ts'
import { covers } from './destination.ts'
import { Durables } from './durables.ts'
import { type BrokerLimits, droppableShare } from './limits.ts'
import type { Message } from './message.ts'
import { Queue } from './queue.ts'
import { Room } from './room.ts'
import { createMemoryStore } from './store.ts'
import type { Subscription } from './subscription.ts'
import { Topics } from './topics.ts'

/** How often queues are looked through for expired messages that nobody reads. */
const sweepMs = 1_000

/** How much comes at once, and where. */
interface Tally {
  total: number
  readonly byRoute: Map<string, { readonly messages: number; readonly bytes: number }>
}

function addTo(tally: Tally, { route, bytes }: Message): void {
  const before = tally.byRoute.get(route)
  tally.total += bytes
  tally.byRoute.set(route, { messages: (before?.messages ?? 0) + 1, bytes: (before?.bytes ?? 0) + bytes })
}

/** What is told of messages that reach nobody. */
export interface RouteEvents {
  readonly onDurableDropped: (name: string, reason: string) => void
  /** A message to a temporary queue whose owner is gone was dropped. */
  readonly onUnanswerable: (destination: string) => void
  /**
   * Messages with `persistent:false` were dropped because little room was left; told at 1, 2, 4, 8 … of them.
   * @param destination of the last
   */
  readonly onShortOfRoom: (destination: string, count: number) => void
}

export class Routes {
  readonly room: Room
  readonly topics: Topics = new Topics()
  readonly durables: Durables
  readonly delays: Delays
  readonly queues: Map<string, Queue> = new Map()
  /** Messages with `persistent:false` that were dropped. */
  dropped = 0
  readonly #clock: Clock
  readonly #limits: BrokerLimits
  /** How many of the queues each owner made. */
  readonly #made = new Map<string, number>()
  readonly #wildcardReaders = new Set<Subscription>()
  readonly #events: RouteEvents
  #stopSweep: (() => void) | undefined

  constructor(clock: Clock, limits: BrokerLimits, events: RouteEvents) {
    this.#clock = clock
    this.#limits = limits
    this.#events = events
    this.room = new Room(limits.maxTotalBytes)
    this.delays = new Delays(clock, message => this.#release(message))
    const openQueue = (route: string): Queue => this.#createQueue(route, '', () => {})
    this.durables = new Durables(this.topics, this.room, limits.maxDurables, openQueue, events.onDurableDropped)
  }

  /**
   * The queue of this route, made when there is none.
   * @param owner in whose share it is made
   * @throws {DroverError} `queue_full` when there are too many
   */
  queueAt(route: string, owner: string): Queue {
    const found = this.queues.get(route)
    if (found) return found
    this.#checkNewQueues(route, owner, 1)
    const isTemporary = route.startsWith('/temp-queue/')
    const queue = this.#createQueue(route, owner, isTemporary ? () => {} : idle => this.#forget(idle))
    this.queues.set(route, queue)
    this.#made.set(owner, this.#madeBy(owner) + 1)
    if (isTemporary) return queue
    const name = route.slice('/queue/'.length)
    for (const reader of this.#wildcardReaders) {
      if (!covers(reader.destination.name, name)) continue
      reader.queues.add(queue)
      queue.add(reader)
    }
    return queue
  }

  /**
   * Makes sure that all of these fit, before any is published.
   * @param countedBytes of these that are counted already, because a transaction holds them
   * @throws {DroverError} `queue_full`
   */
  checkRoom(messages: readonly Message[], countedBytes = 0): void {
    const needs: Tally = { total: -countedBytes, byRoute: new Map() }
    for (const message of messages) if (!this.#needsNoRoom(message)) addTo(needs, message)
    let newQueues = 0
    const owner = messages[0]?.owner ?? ''
    const { usedBytes, maxBytes } = this.room
    let full: string | undefined
    for (const [route, need] of needs.byRoute) {
      if (route.startsWith('/topic/')) continue
      const found = this.queues.get(route)
      if (!found) this.#checkNewQueues(route, owner, ++newQueues)
      // A queue that is not there yet is bounded like any other
      const queue = found ?? this.#createQueue(route, owner, () => {})
      full ??= queue.fullBecause(need.messages, need.bytes)
    }
    if (usedBytes + needs.total > maxBytes) full ??= `the broker holds ${usedBytes} bytes; its limit is ${maxBytes}`
    if (full === undefined) return
    throw new DroverError('queue_full', `The message does not fit: ${full}; send it again later`)
  }

  /**
   * Makes sure that those that may not be dropped fit, before any is published; drops of the others what would use the rest.
   * @param countedBytes of these that are counted already, because a transaction holds them
   * @returns what is to be published
   * @throws {DroverError} `queue_full`
   */
  admit(messages: readonly Message[], countedBytes = 0): readonly Message[] {
    const needed = messages.filter(({ mayBeDropped }) => !mayBeDropped)
    this.checkRoom(needed, countedBytes)
    if (needed.length === messages.length) return messages
    const tally: Tally = { total: -countedBytes, byRoute: new Map() }
    for (const message of needed) addTo(tally, message)
    return messages.filter(message => !message.mayBeDropped || !this.#drops(message, tally))
  }

  /** Whether a message is dropped, and counted, because it may be and little room is left. */
  drops(message: Message): boolean {
    return message.mayBeDropped && this.#drops(message, { total: 0, byRoute: new Map() })
  }

  /** Takes in a message for which there is room. */
  publish(message: Message): void {
    if (this.#isGone(message.route)) {
      // Like a letter to a house that is gone: nobody can be told, and the sender did nothing wrong
      this.#events.onUnanswerable(message.route)
      return
    }
    if (message.expiresAt <= this.#clock.now()) return
    const isTopic = message.destination.kind === 'topic'
    if (message.delayMs > 0) {
      if (isTopic) this.room.take(message.bytes)
      else this.queueAt(message.route, message.owner).reserve(message)
      this.delays.add(message)
    } else if (isTopic) this.topics.publish(message)
    else this.queueAt(message.route, message.owner).push(message)
    if (message.expiresAt !== Number.POSITIVE_INFINITY) this.#startSweep()
  }

  /**
   * @param place of a queue, and in whose share it is made; for topics, the destination says it
   * @param durable the name of a durable subscription
   */
  subscribe(
    subscription: Subscription,
    place: { readonly route: string; readonly owner: string },
    durable?: string,
  ): void {
    const { kind, hasWildcard, name } = subscription.destination
    if (durable !== undefined) this.durables.attach(durable, subscription)
    else if (kind === 'topic') this.topics.add(subscription)
    else if (hasWildcard) {
      this.#wildcardReaders.add(subscription)
      for (const queue of this.queues.values()) {
        if (!queue.route.startsWith('/queue/') || !covers(name, queue.route.slice('/queue/'.length))) continue
        subscription.queues.add(queue)
        queue.add(subscription)
      }
    } else {
      const queue = this.queueAt(place.route, place.owner)
      subscription.queues.add(queue)
      queue.add(subscription)
    }
  }

  unsubscribe(subscription: Subscription, durable?: string): void {
    if (durable !== undefined) this.durables.detach(durable, subscription)
    this.topics.remove(subscription)
    this.#wildcardReaders.delete(subscription)
    subscription.end()
  }

  /** Temporary queues go with their connection, and what is in them or on the way. */
  removeTemporary(routes: ReadonlySet<string>): void {
    const gone = [...routes].flatMap(route => this.queues.get(route) ?? [])
    if (gone.some(queue => queue.delayed > 0)) {
      for (const message of this.delays.takeOut(({ route }) => routes.has(route))) {
        this.queues.get(message.route)?.release(message)
      }
    }
    for (const queue of gone) {
      this.#remove(queue)
      queue.end()
    }
  }

  close(): void {
    this.delays.close()
    this.#stopSweep?.()
    this.#stopSweep = undefined
  }

  #madeBy(owner: string): number {
    return this.#made.get(owner) ?? 0
  }

  #remove(queue: Queue): void {
    this.queues.delete(queue.route)
    const left = this.#madeBy(queue.owner) - 1
    if (left > 0) this.#made.set(queue.owner, left)
    else this.#made.delete(queue.owner)
  }

  #createQueue(route: string, owner: string, onIdle: (queue: Queue) => void): Queue {
    return new Queue(route, owner, {
      store: createMemoryStore(),
      room: this.room,
      limits: this.#limits,
      now: () => this.#clock.now(),
      onIdle,
    })
  }

  #checkNewQueues(route: string, owner: string, count: number): void {
    const { maxQueues, maxOwnerQueues } = this.#limits
    if (this.#madeBy(owner) + count > maxOwnerQueues) {
      throw new DroverError(
        'queue_full',
        `${route} cannot be made: ${owner} has made ${maxOwnerQueues} queues, which is one owner's limit; end some first`,
      )
    }
    if (this.queues.size + count > maxQueues) throw this.#tooMany(route)
  }

  #tooMany(route: string): DroverError {
    const { maxQueues } = this.#limits
    return new DroverError('queue_full', `${route} cannot be made: there are ${maxQueues} queues, which is the limit`)
  }

  #forget(queue: Queue): void {
    if (this.queues.get(queue.route) !== queue) return
    this.#remove(queue)
    for (const reader of queue.readers) reader.queues.delete(queue)
  }

  /** A delay is over. */
  #release(message: Message): void {
    const isExpired = message.expiresAt <= this.#clock.now()
    if (message.destination.kind === 'topic') {
      this.room.release(message.bytes)
      if (!isExpired) this.topics.publish(message)
      return
    }
    const queue = this.queueAt(message.route, message.owner)
    if (!isExpired) queue.push(message)
    queue.release(message)
  }

  /** @param others what is published with it; it joins them unless it is dropped */
  #drops(message: Message, others: Tally): boolean {
    const { route, bytes, owner } = message
    if (this.#needsNoRoom(message)) return false
    const found = this.queues.get(route)
    const { maxQueues, maxOwnerQueues } = this.#limits
    const newBeside = others.byRoute.size
    const isTooMany =
      !found && (this.queues.size + newBeside >= maxQueues || this.#madeBy(owner) + newBeside >= maxOwnerQueues)
    const queue = found ?? this.#createQueue(route, owner, () => {})
    const { messages: beside, bytes: besideBytes } = others.byRoute.get(route) ?? { messages: 0, bytes: 0 }
    const isShort =
      this.room.usedBytes + others.total + bytes > this.room.maxBytes * droppableShare ||
      (message.destination.kind !== 'topic' && (isTooMany || queue.isShortOfRoom(beside + 1, besideBytes + bytes)))
    if (!isShort) addTo(others, message)
    if (!isShort) return false
    this.dropped++
    queue.dropped++
    if (Number.isInteger(Math.log2(this.dropped))) this.#events.onShortOfRoom(route, this.dropped)
    return true
  }

  #needsNoRoom({ route, destination, delayMs }: Message): boolean {
    return (destination.kind === 'topic' && delayMs === 0) || this.#isGone(route)
  }

  /** Only the connection that a temporary queue belongs to makes it. */
  #isGone(route: string): boolean {
    return route.startsWith('/temp-queue/') && !this.queues.has(route)
  }

  #startSweep(): void {
    this.#stopSweep ??= this.#clock.timer(sweepMs, () => {
      this.#stopSweep = undefined
      const now = this.#clock.now()
      const queues = [...this.queues.values(), ...this.durables.queues]
      for (const queue of queues) queue.dropExpired(now)
      if (queues.some(queue => queue.earliestExpiry !== Number.POSITIVE_INFINITY)) this.#startSweep()
    })
  }
}
