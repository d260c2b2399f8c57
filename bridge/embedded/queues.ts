/** The queues that there are, by route: made by whoever first names one, in its share, and forgotten when nothing is in them. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { Share } from '../share.ts'
import { covers } from './destination.ts'
import type { BrokerLimits } from './limits.ts'
import { Queue } from './queue.ts'
import type { Room } from './room.ts'
import { createMemoryStore } from './store.ts'
import type { Subscription } from './subscription.ts'

export class Queues {
  readonly #limits: BrokerLimits
  readonly #room: Room
  readonly #now: () => number
  readonly #byRoute: Map<string, Queue> = new Map()
  readonly #share: Share
  readonly #wildcardReaders = new Set<Subscription>()

  constructor(limits: BrokerLimits, room: Room, share: Share, now: () => number) {
    this.#limits = limits
    this.#share = share
    this.#room = room
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
   * @param owner in whose share it is made
   * @throws {DroverError} `queue_full` when there are too many
   */
  at(route: string, owner: string): Queue {
    const found = this.#byRoute.get(route)
    if (found) return found
    this.checkNew(route, owner, 1)
    const isTemporary = route.startsWith('/temp-queue/')
    const queue = this.create(route, owner, isTemporary ? () => {} : idle => this.#forget(idle))
    this.#share.take(owner, 1)
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
   * A queue that is in no list: of a durable subscription, or to ask what would fit.
   * @param payer whose share the bytes of all its messages use; default: each its own payer's
   */
  create(route: string, owner: string, onIdle: (queue: Queue) => void = () => {}, payer?: string): Queue {
    return new Queue(route, owner, {
      store: createMemoryStore(),
      room: this.#room,
      limits: this.#limits,
      now: this.#now,
      onIdle,
      payer,
    })
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

  /** It is no more, whatever is in it. */
  remove(queue: Queue): void {
    this.#byRoute.delete(queue.route)
    this.#share.release(queue.owner, 1)
  }

  /** Whether so many more would be too many. */
  areTooMany(owner: string, count: number): boolean {
    return this.#share.fullBecause(owner, count) !== undefined
  }

  /**
   * @param route of the last of them
   * @throws {DroverError} `queue_full` when so many more would be too many
   */
  checkNew(route: string, owner: string, count: number): void {
    const full = this.#share.fullBecause(owner, count)
    if (full === undefined) return
    throw new DroverError('queue_full', `${route} cannot be made: ${full}; end some first`)
  }

  /** Only the connection that a temporary queue belongs to makes it. */
  isGone(route: string): boolean {
    return route.startsWith('/temp-queue/') && !this.#byRoute.has(route)
  }

  #forget(queue: Queue): void {
    if (this.#byRoute.get(queue.route) !== queue) return
    this.remove(queue)
    for (const reader of queue.readers) reader.queues.delete(queue)
  }
}
