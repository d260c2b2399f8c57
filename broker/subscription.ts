/**
 * One SUBSCRIBE of one connection: its window of unacknowledged messages, and for a topic the backlog of messages that
 * came while the window or the connection had no room.
 */
import { Deque } from './deque.ts'
import type { Destination } from './destination.ts'
import type { LoadedEntry } from './entry.ts'
import type { Message } from './message.ts'
import type { Queue } from './queue.ts'

export type AckMode = 'auto' | 'client' | 'client-individual'

/** A message that was handed out and waits for its ACK. */
export interface UnackedDelivery {
  /** The id by which the ACK names it. */
  readonly key: string
  /** Grows from one of its connection to the next. */
  readonly number: number
  readonly subscription: Subscription
  /** Absent for a topic: then nothing comes back, so that nothing of the message is kept either. */
  readonly from: { readonly queue: Queue; readonly entry: LoadedEntry } | undefined
  /** The open transaction that its ACK or NACK waits in. */
  transaction: string | undefined
}

/** The part of its connection that a subscription needs. */
export interface Reader {
  /** Whether the connection takes more now. */
  readonly hasRoom: boolean
  /** Whether it is owed no RECEIPT of before: when the store had so many changes. */
  mayHear(changes: number): boolean
  deliver(subscription: Subscription, message: Message, from: UnackedDelivery['from']): void
  /** Counts messages that wait for the connection, and ends it past the limit. */
  countBacklog(messages: number, bytes: number): void
}

export interface SubscriptionOptions {
  readonly id: string | undefined
  /** Unique in the connection. */
  readonly number: number
  readonly destination: Destination
  readonly ackMode: AckMode
  readonly prefetch: number
  /** The first bytes of its MESSAGE frames, up to the message's id. */
  readonly head: Uint8Array
}

export class Subscription {
  readonly id: string | undefined
  readonly number: number
  readonly destination: Destination
  readonly ackMode: AckMode
  readonly prefetch: number
  readonly head: Uint8Array
  readonly reader: Reader
  /** The queues that it reads: several under a wildcard. */
  readonly queues: Set<Queue> = new Set()
  unacknowledged = 0
  isEnded = false
  #hasStarted = false
  readonly #backlog = new Deque<Message>()
  readonly #now: () => number

  constructor(reader: Reader, options: SubscriptionOptions, now: () => number) {
    this.reader = reader
    this.id = options.id
    this.number = options.number
    this.destination = options.destination
    this.ackMode = options.ackMode
    this.prefetch = options.prefetch
    this.head = options.head
    this.#now = now
  }

  get hasCapacity(): boolean {
    if (!this.#hasStarted) return false
    return this.reader.hasRoom && (this.ackMode === 'auto' || this.unacknowledged < this.prefetch)
  }

  mayHear(changes: number): boolean {
    return this.reader.mayHear(changes)
  }

  /** Its SUBSCRIBE is confirmed: messages may come from here on. A naive program takes the next frame for its RECEIPT. */
  start(): void {
    if (this.#hasStarted) return
    this.#hasStarted = true
    this.resume()
  }

  get hasBacklog(): boolean {
    return this.#backlog.length > 0
  }

  receive(queue: Queue, entry: LoadedEntry): void {
    this.reader.deliver(this, entry.message, { queue, entry })
    if (this.ackMode === 'auto') queue.settle(entry)
    else this.unacknowledged++
  }

  /** A topic's message: now, or as soon as there is room. */
  publish(message: Message): void {
    if (this.isEnded) return
    if (!this.hasBacklog && this.hasCapacity) {
      this.#deliver(message)
      return
    }
    this.#backlog.push(message)
    this.reader.countBacklog(1, message.bytes)
  }

  /** There is room, in the window or in the connection. */
  resume(): void {
    for (const queue of this.queues) queue.wake()
    while (this.hasBacklog && this.hasCapacity) {
      const message = this.#backlog.shift()!
      this.reader.countBacklog(-1, -message.bytes)
      if (message.expiresAt > this.#now()) this.#deliver(message)
    }
  }

  /** No more messages; those in the backlog are nobody else's. */
  end(): void {
    this.isEnded = true
    const queues = [...this.queues]
    this.queues.clear()
    for (const queue of queues) queue.remove(this)
    for (let message = this.#backlog.shift(); message; message = this.#backlog.shift()) {
      this.reader.countBacklog(-1, -message.bytes)
    }
  }

  #deliver(message: Message): void {
    this.reader.deliver(this, message, undefined)
    if (this.ackMode !== 'auto') this.unacknowledged++
  }
}
