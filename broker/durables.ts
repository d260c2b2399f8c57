/**
 * Durable topic subscriptions: SUBSCRIBE to a topic with `durable:true` on a connection whose CONNECT had a `client-id`.
 * Each is named by login, client-id and subscription id. Messages wait in a queue of its own while the reader is away.
 * Ends with UNSUBSCRIBE and `durable:true`, or when its queue would pass the limits: then the next SUBSCRIBE says so.
 */
import { DroverError } from '../shared/contract/errors.ts'
import type { Quota } from '../shared/quota.ts'
import type { Destination } from './destination.ts'
import { durableRoute } from './durable-route.ts'
import { copyOf, type Message } from './message.ts'
import type { Queue } from './queue.ts'
import type { Rooms } from './room.ts'
import type { Journal } from './store/journal.ts'
import type { KeptDurable } from './store/port.ts'
import type { Subscription } from './subscription.ts'
import type { TopicReader, Topics } from './topics.ts'

export interface DurablesOptions {
  readonly topics: Topics
  readonly rooms: Rooms
  readonly quota: Quota
  readonly openQueue: (route: string, owner: string) => Queue
  readonly onDropped: (name: string, reason: string) => void
  /** Keeps them, and their messages. */
  readonly journal?: Journal | undefined
}

export class Durables {
  readonly #options: DurablesOptions
  readonly #byName = new Map<string, Durable>()

  constructor(options: DurablesOptions) {
    this.#options = options
  }

  get queues(): Queue[] {
    return [...this.#byName.values()].filter(durable => durable.state === 'kept').map(durable => durable.queue)
  }

  /** Who reads it now. */
  readerOf(name: string): Subscription | undefined {
    return this.#byName.get(name)?.reader
  }

  /**
   * @param owner in whose share it is made, when it is not there yet
   * @throws {DroverError} `slow_reader` once after it was dropped, `queue_full` when there are too many
   */
  attach(name: string, subscription: Subscription, owner: string): void {
    let durable = this.#byName.get(name)
    if (durable?.state === 'dropped') {
      this.#remove(name, durable)
      throw new DroverError('slow_reader', `${durable.droppedBecause}; subscribe again to start anew`)
    }
    if (durable && durable.destination.text !== subscription.destination.text) {
      // As JMS has it: the same name with another topic is another subscription
      this.end(name)
      durable = undefined
    }
    if (!durable) {
      this.#options.quota.acquire(owner, 1)
      durable = this.#make(name, subscription.destination, owner)
      this.#options.topics.add(durable)
      this.#keep(name, durable)
    }
    durable.reader = subscription
    subscription.queues.add(durable.queue)
    durable.queue.add(subscription)
  }

  /**
   * Makes one again that an earlier process kept.
   * @returns the queue of its messages
   */
  restore({ name, owner, droppedBecause }: KeptDurable, destination: Destination): Queue {
    this.#options.quota.add(owner, 1)
    const durable = this.#make(name, destination, owner)
    if (droppedBecause === undefined) this.#options.topics.add(durable)
    else {
      durable.state = 'dropped'
      durable.droppedBecause = droppedBecause
    }
    return durable.queue
  }

  detach(name: string, subscription: Subscription): void {
    const durable = this.#byName.get(name)
    if (durable?.reader === subscription) durable.reader = undefined
  }

  end(name: string): void {
    const durable = this.#byName.get(name)
    if (!durable) return
    this.#remove(name, durable)
    this.#options.topics.remove(durable)
    durable.queue.end()
  }

  #make(name: string, destination: Destination, owner: string): Durable {
    const { topics, rooms, openQueue, onDropped, journal } = this.#options
    const queue = openQueue(durableRoute(name), owner)
    const durable = new Durable(destination, queue, { rooms, isKept: journal !== undefined }, reason => {
      topics.remove(durable)
      this.#keep(name, durable)
      onDropped(name, reason)
    })
    this.#byName.set(name, durable)
    return durable
  }

  #keep(name: string, { destination, queue, state, droppedBecause }: Durable): void {
    this.#options.journal?.keepDurable({
      name,
      destination: destination.text,
      owner: queue.owner,
      droppedBecause: state === 'dropped' ? droppedBecause : undefined,
    })
  }

  #remove(name: string, durable: Durable): void {
    this.#options.journal?.removeDurable(name)
    this.#byName.delete(name)
    this.#options.quota.release(durable.queue.owner, 1)
  }
}

class Durable implements TopicReader {
  readonly destination: Destination
  readonly queue: Queue
  reader: Subscription | undefined
  state: 'kept' | 'dropped' = 'kept'
  droppedBecause = ''
  readonly #rooms: Rooms
  readonly #isKept: boolean
  readonly #onDropped: (reason: string) => void

  constructor(
    destination: Destination,
    queue: Queue,
    { rooms, isKept }: { readonly rooms: Rooms; readonly isKept: boolean },
    onDropped: (reason: string) => void,
  ) {
    this.#isKept = isKept
    this.destination = destination
    this.queue = queue
    this.#rooms = rooms
    this.#onDropped = onDropped
  }

  publish(message: Message): void {
    if (this.state === 'dropped') return
    const { bytes } = message
    const room = this.#isKept && !message.mayBeDropped ? this.#rooms.disk : this.#rooms.memory
    const full = this.queue.fullBecause(1, bytes) ?? room.fullBecause(this.queue.owner, bytes)
    if (full === undefined) {
      // Each place lets go of the bytes when its own row is on disk
      this.queue.push(this.#isKept ? copyOf(message) : message)
      return
    }
    this.state = 'dropped'
    this.droppedBecause = `The durable subscription to ${this.destination.text} was ended because nobody read it: ${full}`
    this.queue.end()
    this.#onDropped(this.droppedBecause)
  }
}
