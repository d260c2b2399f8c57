/**
 * The queues that there are, by route. The first frame that names one makes it, and it is forgotten when nothing is in it. Each is
 * in the share of the user who made it, but one of replies is in that of the owner in its name: a master that asks for answers
 * in many places would use up the share of its workers.
 */
import { DroverError } from '../shared/contract/errors.ts'
import type { Quota } from '../shared/quota.ts'
import { covers } from './destination.ts'
import { isForEnds, isShared, payerOf } from './ends.ts'
import { createEntries } from './entries.ts'
import type { BrokerLimits } from './limits.ts'
import type { Message } from './message.ts'
import { Queue } from './queue.ts'
import type { Rooms } from './room.ts'
import type { Journal } from './store/journal.ts'
import type { Subscription } from './subscription.ts'

export class Queues {
  readonly #limits: BrokerLimits
  readonly #rooms: Rooms
  readonly #now: () => number
  readonly #byRoute: Map<string, Queue> = new Map()
  readonly #quota: Quota
  readonly #wildcardReaders = new Set<Subscription>()
  readonly #journal: Journal | undefined

  constructor(limits: BrokerLimits, rooms: Rooms, quota: Quota, now: () => number, journal?: Journal) {
    this.#journal = journal
    this.#limits = limits
    this.#quota = quota
    this.#rooms = rooms
    this.#now = now
  }

  values(): Iterable<Queue> {
    return this.#byRoute.values()
  }

  find(route: string): Queue | undefined {
    return this.#byRoute.get(route)
  }

  /**
   * The queue of this route, made when there is none.
   * @param owner who makes it
   * @throws {DroverError} `queue_full` when there are too many
   */
  at(route: string, owner: string): Queue {
    const found = this.#byRoute.get(route)
    if (found) return found
    this.checkNew(route, owner, 1)
    return this.#make(route, owner)
  }

  /** The same for messages that an earlier process kept, however many queues there are. */
  restored(route: string, owner: string): Queue {
    return this.#byRoute.get(route) ?? this.#make(route, owner)
  }

  #make(route: string, owner: string): Queue {
    const isTemporary = route.startsWith('/temp-queue/')
    const payer = payerOf(route, owner)
    const queue = this.create(route, payer, isTemporary ? () => {} : idle => this.#forget(idle))
    this.#quota.add(payer, 1)
    this.#byRoute.set(route, queue)
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
   * A queue that is in no list: of a durable subscription, or to ask whether something would fit.
   * @param payer whose share the bytes of all its messages use; default: each its own payer's
   */
  create(route: string, owner: string, onIdle: (queue: Queue) => void = () => {}, payer?: string): Queue {
    const journal = route.startsWith('/temp-queue/') ? undefined : this.#journal
    return new Queue(route, owner, {
      entries: createEntries(journal !== undefined),
      rooms: this.#rooms,
      limits: this.#limits,
      now: this.#now,
      onIdle,
      payer,
      isShared: isShared(route),
      journal,
      ...(this.#journal !== undefined && isForEnds(route) ? { changes: () => this.#journal?.changes ?? 0 } : {}),
    })
  }

  /** Whether a store keeps it, once it is let in. */
  keeps(message: Message): boolean {
    return this.#journal?.keeps(message) === true
  }

  /** Has a reader take from all queues that its wildcard names, now and later. */
  addWildcardReader(reader: Subscription): void {
    this.#wildcardReaders.add(reader)
    for (const queue of this.#byRoute.values()) {
      if (!queue.route.startsWith('/queue/')) continue
      if (!covers(reader.destination.name, queue.route.slice('/queue/'.length))) continue
      reader.queues.add(queue)
      queue.add(reader)
    }
  }

  removeWildcardReader(reader: Subscription): void {
    this.#wildcardReaders.delete(reader)
  }

  /** Ends it, with the messages that are in it. */
  remove(queue: Queue): void {
    this.#byRoute.delete(queue.route)
    this.#quota.release(queue.owner, 1)
  }

  /**
   * Whether so many more of the share that this one is in would be too many.
   * @param together how many would be new
   */
  areTooMany(route: string, owner: string, count: number, together: number): boolean {
    return this.#quota.fullBecause(payerOf(route, owner), count, together) !== undefined
  }

  /**
   * @param route of the last of them
   * @param owner who makes them
   * @param count how many would be new in the share of the last
   * @param together how many would be new
   * @throws {DroverError} `queue_full` when so many more would be too many
   */
  checkNew(route: string, owner: string, count: number, together: number = count): void {
    const full = this.#quota.fullBecause(payerOf(route, owner), count, together)
    if (full === undefined) return
    throw new DroverError('queue_full', `${route} cannot be made: ${full}; end some first`)
  }

  /**
   * Whether nobody can be told there, which is no fault of the sender's: a temporary queue is made only by the connection
   * that it belongs to, and replies wait only within the share of the user who asked for them.
   * @param count of queues in that share that would be new, this one included
   */
  isGone(route: string, owner: string, count = 1): boolean {
    if (this.#byRoute.has(route)) return false
    if (route.startsWith('/temp-queue/')) return true
    const payer = payerOf(route, owner)
    return payer !== owner && this.#quota.isOwnerFull(payer, count)
  }

  #forget(queue: Queue): void {
    if (this.#byRoute.get(queue.route) !== queue) return
    this.remove(queue)
    for (const reader of queue.readers) reader.queues.delete(queue)
  }
}
