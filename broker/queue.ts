/**
 * A queue: messages in order of priority and arrival, handed to competing readers in turn, as far as each one's window
 * and connection have room. A message that is handed out still counts until it is acknowledged.
 */

import type { Entries } from './entries.ts'
import { type Entry, entryOf, type LoadedEntry } from './entry.ts'
import type { BrokerLimits } from './limits.ts'
import type { Message } from './message.ts'
import type { Held } from './queue-limits.ts'
import type { OwnerUsage } from './queue-quotas.ts'
import { QueueUsage } from './queue-usage.ts'
import type { Rooms } from './room.ts'
import type { Journal } from './store/journal.ts'

/** The part of a subscription that its queue needs. */
export interface QueueReader {
  readonly destination: { readonly hasWildcard: boolean }
  /** The queues that it reads. */
  readonly queues: Set<Queue>
  /** Whether its window and its connection have room. */
  readonly hasCapacity: boolean
  /** Whether it is owed no RECEIPT of before: when the store had so many changes. */
  mayHear(changes: number): boolean
  receive(queue: Queue, entry: LoadedEntry): void
}

export interface QueueOptions {
  readonly entries: Entries
  readonly rooms: Rooms
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
  /** How many changes the store had until now, where messages may answer some; else 0. */
  readonly changes?: () => number
}

export class Queue {
  readonly route: string
  /** Who made it. */
  readonly owner: string
  /** Of the messages, those that are to come after their delay. */
  delayed = 0
  /** Messages that came when little room was left, and said `persistent:false` or were small ends of jobs. */
  dropped = 0
  /** When the first of the waiting messages expires, at the earliest; ms since the epoch. */
  earliestExpiry: number = Number.POSITIVE_INFINITY
  readonly #entries: Entries
  readonly #usage: QueueUsage
  readonly #now: () => number
  readonly #onIdle: (queue: Queue) => void
  readonly #journal: Journal | undefined
  readonly #changes: () => number
  readonly #readers: QueueReader[] = []
  #nextReader = 0
  #sequence = 0
  // Saves looking for a reader at every message while none can take one
  #isBlocked = false
  #isEnded = false

  constructor(route: string, owner: string, options: QueueOptions) {
    const { entries, now, onIdle, journal, changes = () => 0, ...usage } = options
    this.route = route
    this.owner = owner
    this.#entries = entries
    this.#usage = new QueueUsage({ ...usage, isKept: journal !== undefined })
    this.#now = now
    this.#onIdle = onIdle
    this.#journal = journal
    this.#changes = changes
  }

  /** Messages that wait, are handed out or are to come after their delay. */
  get messages(): number {
    return this.#usage.messages
  }

  get bytes(): number {
    return this.#usage.bytes
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
   * Why so much more that has to fit does not; `undefined` when it does.
   * @param reserve the room beyond the limits that it may use, as a share of them
   */
  fullBecause(messages: number, bytes: number, reserve = 0): string | undefined {
    return this.#usage.fullBecause(this.route, messages, bytes, reserve)
  }

  /**
   * Why so much more would be more than one owner may have here; `undefined` when it would not.
   * @param more by whose share
   * @param reserve the room beyond the limits that it may use, as a share of them
   */
  shareFullBecause(more: OwnerUsage, reserve = 0): string | undefined {
    return this.#usage.shareFullBecause(this.route, more, reserve)
  }

  /** Whether so much more would use the room kept for messages that may not be dropped. */
  isShortOfRoom(messages: number, bytes: number): boolean {
    return this.#usage.isShortOfRoom(messages, bytes)
  }

  /** Counts a message that comes after its delay. */
  reserve(message: Message): void {
    this.delayed++
    this.#usage.add(message, this.#isStored(message))
  }

  /** The delay is over, or is not waited for any more. */
  release(message: Message): void {
    this.delayed--
    this.#uncount(message, this.#isStored(message))
  }

  /**
   * Takes a message in.
   * @param row its number in the store, where a delay kept it there until now
   * @param isRedelivered whether it was handed out in the queue that it comes from
   */
  push(message: Message, row = 0, isRedelivered = false): void {
    const entry = entryOf(message, { sequence: this.#sequence++, row, isRedelivered, changes: this.#changes() })
    this.#journal?.keep(this.route, entry)
    this.#put(entry)
    if (!this.#isBlocked) this.#handOut()
  }

  /** Takes in a message that an earlier process kept, before anybody reads. They may come in any order until `sort`. */
  restore(entry: Entry): void {
    this.#sequence = Math.max(this.#sequence, entry.sequence + 1)
    this.#usage.add(entry, entry.row !== 0)
    this.#entries.restore(entry)
    if (entry.expiresAt < this.earliestExpiry) this.earliestExpiry = entry.expiresAt
  }

  sort(): void {
    this.#entries.sort()
  }

  /** The messages that wait. Who takes one out settles it. */
  get entries(): Pick<Entries, 'oldest' | 'peek' | 'shiftBefore'> {
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
  settle(entry: Entry): void {
    this.#journal?.remove(entry)
    this.#uncount(entry, entry.row !== 0)
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
      this.#journal?.letGo(entry)
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
    const dropped = this.#entries.dropExpired(now)
    for (const entry of dropped) this.settle(entry)
    this.earliestExpiry = this.#entries.earliestExpiry()
    // It may have been the first, which could not be read
    if (dropped.length > 0) this.wake()
  }

  /** Ends it. Waiting messages are forgotten, and so are those that its readers give back later. */
  end(): void {
    this.#isEnded = true
    for (let entry = this.#entries.shift(); entry; entry = this.#entries.shift()) this.settle(entry)
  }

  #put(entry: Entry): void {
    this.#usage.add(entry, entry.row !== 0)
    this.#entries.push(entry)
    if (entry.expiresAt < this.earliestExpiry) this.earliestExpiry = entry.expiresAt
  }

  #uncount(one: Held, isStored: boolean): void {
    this.#usage.remove(one, isStored)
    if (this.isIdle) this.#onIdle(this)
  }

  #isStored(message: Message): boolean {
    return this.#journal?.keeps(message) === true
  }

  #takeBack(entry: Entry, isRedelivered: boolean): void {
    if (isRedelivered) entry.isRedelivered = true
    if (entry.expiresAt < this.earliestExpiry) this.earliestExpiry = entry.expiresAt
  }

  #handOut(): void {
    for (let entry = this.#entries.first; entry; entry = this.#entries.first) {
      if (entry.expiresAt !== Number.POSITIVE_INFINITY && entry.expiresAt <= this.#now()) {
        this.#entries.shift()
        this.settle(entry)
        continue
      }
      const reader = this.#readerFor(entry)
      if (!reader || !this.#isLoaded(entry)) {
        // One that cannot be read is not overtaken: it is tried again, and who keeps the broker is told
        this.#isBlocked = true
        return
      }
      this.#entries.shift()
      this.#journal?.handedOut(entry)
      reader.receive(this, entry)
      this.#journal?.letGoBytes(entry)
    }
  }

  #isLoaded(entry: Entry): entry is LoadedEntry {
    return this.#journal?.load(entry, this.route, () => this.wake()) ?? entry.message !== undefined
  }

  #readerFor(entry: Entry): QueueReader | undefined {
    const readers = this.#readers
    let refuser: QueueReader | undefined
    for (let tried = 0; tried < readers.length; tried++) {
      if (this.#nextReader >= readers.length) this.#nextReader = 0
      const reader = readers[this.#nextReader++]!
      if (!reader.hasCapacity || (entry.changes > 0 && !reader.mayHear(entry.changes))) continue
      if (reader !== entry.refusedBy) return reader
      refuser = reader
    }
    return refuser
  }
}
