/**
 * A queue: messages in order of priority and arrival, handed to competing readers in turn, as far as each one's window
 * and connection have room. A message that is handed out still counts until it is acknowledged.
 */

import type { Entries, Entry } from './entries.ts'
import { type BrokerLimits, droppableShare } from './limits.ts'
import type { Message } from './message.ts'
import { type OwnerUsage, QueueQuotas } from './queue-quotas.ts'
import type { Room } from './room.ts'
import type { Journal } from './store/journal.ts'

/** The part of a subscription that its queue needs. */
export interface QueueReader {
  readonly destination: { readonly hasWildcard: boolean }
  /** The queues that it reads. */
  readonly queues: Set<Queue>
  /** Whether its window and its connection have room. */
  readonly hasCapacity: boolean
  receive(queue: Queue, entry: Entry): void
}

export interface QueueOptions {
  readonly entries: Entries
  readonly room: Room
  readonly limits: BrokerLimits
  readonly now: () => number
  /** It has neither messages nor readers of its own any more. */
  readonly onIdle: (queue: Queue) => void
  /** Whose share the bytes of all its messages use; default: each its own payer's. */
  readonly payer?: string | undefined
  /** Whether several owners put messages in, of whom none is to keep the others out. */
  readonly isShared: boolean
  /** Keeps its messages on disk. */
  readonly journal?: Journal | undefined
}

export class Queue {
  readonly route: string
  /** Who made it. */
  readonly owner: string
  /** Messages that wait, are handed out or are to come after their delay. */
  messages = 0
  bytes = 0
  /** Of the messages, those that are to come after their delay. */
  delayed = 0
  /** Messages that came when little room was left, and said `persistent:false` or were small ends of jobs. */
  dropped = 0
  /** When the first of the waiting messages expires, at the earliest; ms since the epoch. */
  earliestExpiry: number = Number.POSITIVE_INFINITY
  readonly #entries: Entries
  readonly #room: Room
  readonly #limits: BrokerLimits
  readonly #now: () => number
  readonly #onIdle: (queue: Queue) => void
  readonly #payer: string | undefined
  readonly #quotas: QueueQuotas | undefined
  readonly #journal: Journal | undefined
  readonly #readers: QueueReader[] = []
  #nextReader = 0
  #sequence = 0
  // Saves looking for a reader at every message while none can take one
  #isBlocked = false
  #isEnded = false

  constructor(route: string, owner: string, options: QueueOptions) {
    const { entries, room, limits, now, onIdle, payer, isShared, journal } = options
    this.route = route
    this.owner = owner
    this.#entries = entries
    this.#room = room
    this.#limits = limits
    this.#now = now
    this.#onIdle = onIdle
    this.#payer = payer
    this.#journal = journal
    if (isShared) this.#quotas = new QueueQuotas(limits)
  }

  get waiting(): number {
    return this.#entries.length
  }

  get readers(): readonly QueueReader[] {
    return this.#readers
  }

  /** Nothing is lost when it is forgotten; a wildcard's reader finds it again when it comes back. */
  get isIdle(): boolean {
    return this.messages === 0 && this.#readers.every(reader => reader.destination.hasWildcard)
  }

  /**
   * Why so much more does not fit; `undefined` when it does.
   * @param reserve the room beyond the limits that it may use, as a share of them
   */
  fullBecause(messages: number, bytes: number, reserve = 0): string | undefined {
    const { maxQueueMessages, maxQueueBytes } = this.#limits
    if (this.messages + messages > maxQueueMessages * (1 + reserve)) {
      return `${this.route} holds ${this.messages} messages; its limit is ${maxQueueMessages}`
    }
    if (this.bytes + bytes > maxQueueBytes * (1 + reserve)) {
      return `${this.route} holds ${this.bytes} bytes and ${bytes} more do not fit; its limit is ${maxQueueBytes}`
    }
    return undefined
  }

  /**
   * Why so much more would be more than one owner may have here; `undefined` when it would not.
   * @param more by whose share
   * @param reserve the room beyond the limits that it may use, as a share of them
   */
  shareFullBecause(more: OwnerUsage, reserve = 0): string | undefined {
    return this.#quotas?.fullBecause(this.route, this, more, reserve)
  }

  /** Whether so much more would use the room kept for messages that may not be dropped. */
  isShortOfRoom(messages: number, bytes: number): boolean {
    const { maxQueueMessages, maxQueueBytes } = this.#limits
    return (
      this.messages + messages > maxQueueMessages * droppableShare ||
      this.bytes + bytes > maxQueueBytes * droppableShare
    )
  }

  /** Counts a message that comes after its delay. */
  reserve(message: Message): void {
    this.delayed++
    this.#count(message)
  }

  /** The delay is over, or is not waited for any more. */
  release(message: Message): void {
    this.delayed--
    this.#uncount(message)
  }

  /**
   * Takes a message in.
   * @param row its number in the store, where a delay kept it there until now
   * @param isRedelivered whether it was handed out in the queue that it comes from
   */
  push(message: Message, row = 0, isRedelivered = false): void {
    const entry = { message, sequence: this.#sequence++, isRedelivered, refusedBy: undefined, row }
    this.#journal?.keep(this.route, entry)
    this.#put(entry)
    if (!this.#isBlocked) this.#handOut()
  }

  /** Takes in a message that an earlier process kept. They come in order, before anybody reads. */
  restore(entry: Entry): void {
    this.#sequence = Math.max(this.#sequence, entry.sequence + 1)
    this.#put(entry)
  }

  /** The messages that wait. Who takes one out settles it. */
  get entries(): Pick<Entries, 'oldest' | 'values' | 'shiftBefore'> {
    return this.#entries
  }

  /** Every message that waits came before this one. */
  get nextSequence(): number {
    return this.#sequence
  }

  add(reader: QueueReader): void {
    this.#readers.push(reader)
    this.wake()
  }

  remove(reader: QueueReader): void {
    const at = this.#readers.indexOf(reader)
    if (at >= 0) this.#readers.splice(at, 1)
    this.wake()
    if (this.isIdle) this.#onIdle(this)
  }

  /** A reader has room again. */
  wake(): void {
    this.#isBlocked = false
    this.#handOut()
  }

  /** The message is done with. */
  settle({ message, row }: Entry): void {
    this.#journal?.remove(row, message)
    this.#uncount(message)
  }

  /**
   * Entries come back to their places.
   * @param isRedelivered whether their reader went away with them: one that unsubscribed has let go of them
   */
  requeue(entries: readonly Entry[], isRedelivered: boolean): void {
    if (this.#isEnded) {
      for (const entry of entries) this.settle(entry)
      return
    }
    for (const entry of entries) {
      this.#takeBack(entry, isRedelivered)
      if (!entry.isRedelivered) this.#journal?.cameBack(entry)
    }
    this.#entries.putBack(entries)
    this.wake()
  }

  /** A NACK: behind all that waits, and to somebody else where there is one with room. */
  refuse(entry: Entry, reader: QueueReader): void {
    if (this.#isEnded) {
      this.settle(entry)
      return
    }
    this.#takeBack(entry, true)
    entry.refusedBy = reader
    entry.sequence = this.#sequence++
    this.#journal?.cameBack(entry)
    this.#entries.push(entry)
    this.wake()
  }

  dropExpired(now: number): void {
    if (this.earliestExpiry > now) return
    for (const entry of this.#entries.dropExpired(now)) this.settle(entry)
    this.earliestExpiry = this.#entries.earliestExpiry()
  }

  /** Ends it. Waiting messages are forgotten, and so are those that its readers give back later. */
  end(): void {
    this.#isEnded = true
    for (let entry = this.#entries.shift(); entry; entry = this.#entries.shift()) this.settle(entry)
  }

  #put(entry: Entry): void {
    const { message } = entry
    this.#count(message)
    this.#entries.push(entry)
    if (message.expiresAt < this.earliestExpiry) this.earliestExpiry = message.expiresAt
  }

  #uncount(message: Message): void {
    this.messages--
    this.bytes -= message.bytes
    this.#room.release(this.#payer ?? message.payer, message.bytes)
    this.#quotas?.remove(message)
    if (this.isIdle) this.#onIdle(this)
  }

  #count(message: Message): void {
    const { bytes, payer } = message
    this.messages++
    this.bytes += bytes
    this.#room.add(this.#payer ?? payer, bytes)
    this.#quotas?.add(message)
  }

  #takeBack(entry: Entry, isRedelivered: boolean): void {
    if (isRedelivered) entry.isRedelivered = true
    if (entry.message.expiresAt < this.earliestExpiry) this.earliestExpiry = entry.message.expiresAt
  }

  #handOut(): void {
    for (let entry = this.#entries.first; entry; entry = this.#entries.first) {
      const isExpired = entry.message.expiresAt !== Number.POSITIVE_INFINITY && entry.message.expiresAt <= this.#now()
      const reader = isExpired ? undefined : this.#readerFor(entry)
      if (!reader && !isExpired) {
        this.#isBlocked = true
        return
      }
      if (reader && this.#journal?.load(entry.row, entry.message) === false) {
        // Later ones would overtake it; who keeps the broker is told
        this.#isBlocked = true
        return
      }
      this.#entries.shift()
      if (reader) {
        this.#journal?.handedOut(entry)
        reader.receive(this, entry)
      } else this.settle(entry)
    }
  }

  #readerFor(entry: Entry): QueueReader | undefined {
    const readers = this.#readers
    let refuser: QueueReader | undefined
    for (let tried = 0; tried < readers.length; tried++) {
      if (this.#nextReader >= readers.length) this.#nextReader = 0
      const reader = readers[this.#nextReader++]!
      if (!reader.hasCapacity) continue
      if (reader !== entry.refusedBy) return reader
      refuser = reader
    }
    return refuser
  }
}
