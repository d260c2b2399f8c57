/** How much a queue holds, of whose share, and whether more fits: in memory, or on disk where a store keeps it. */
import { type BrokerLimits, droppableShare } from './limits.ts'
import { type Held, inMemory, onDisk, type QueueLimits } from './queue-limits.ts'
import { type OwnerUsage, QueueQuotas } from './queue-quotas.ts'
import type { Rooms } from './room.ts'

export interface QueueUsageOptions {
  readonly rooms: Rooms
  readonly limits: BrokerLimits
  /** Whose share the bytes of all its messages use; default: each its own payer's. */
  readonly payer?: string | undefined
  /** Whether several owners put messages in, of whom none is to keep the others out. */
  readonly isShared: boolean
  /** Whether messages that have to fit are kept on disk here. */
  readonly isKept: boolean
}

export class QueueUsage {
  messages = 0
  bytes = 0
  /** Of these, those in memory alone. */
  #volatileMessages = 0
  #volatileBytes = 0
  readonly #options: QueueUsageOptions
  /** Of messages that have to fit. */
  readonly #limits: QueueLimits
  readonly #quotas: QueueQuotas | undefined

  constructor(options: QueueUsageOptions) {
    this.#options = options
    this.#limits = options.isKept ? onDisk(options.limits) : inMemory(options.limits)
    if (options.isShared) this.#quotas = new QueueQuotas(this.#limits)
  }

  /** @param isStored whether the store has it, or will */
  add(one: Held, isStored: boolean): void {
    this.messages++
    this.bytes += one.bytes
    if (!isStored) {
      this.#volatileMessages++
      this.#volatileBytes += one.bytes
    }
    this.#roomOf(isStored).add(this.#options.payer ?? one.payer, one.bytes)
    if (isStored === this.#options.isKept) this.#quotas?.add(one)
  }

  remove(one: Held, isStored: boolean): void {
    this.messages--
    this.bytes -= one.bytes
    if (!isStored) {
      this.#volatileMessages--
      this.#volatileBytes -= one.bytes
    }
    this.#roomOf(isStored).release(this.#options.payer ?? one.payer, one.bytes)
    if (isStored === this.#options.isKept) this.#quotas?.remove(one)
  }

  /**
   * Why so many more that have to fit do not; `undefined` when they do.
   * @param reserve the room beyond the limits that they may use, as a share of them
   */
  fullBecause(route: string, messages: number, bytes: number, reserve: number): string | undefined {
    const { maxMessages, maxBytes } = this.#limits
    const held = this.#held()
    const where = this.#options.isKept ? ' on disk' : ''
    if (held.messages + messages > maxMessages * (1 + reserve)) {
      return `${route} holds ${held.messages} messages${where}; its limit is ${maxMessages}`
    }
    if (held.bytes + bytes > maxBytes * (1 + reserve)) {
      return `${route} holds ${held.bytes} bytes${where} and ${bytes} more do not fit; its limit is ${maxBytes}`
    }
    return undefined
  }

  /** The same for the share of one owner. */
  shareFullBecause(route: string, more: OwnerUsage, reserve: number): string | undefined {
    return this.#quotas?.fullBecause(route, this.#held(), more, reserve)
  }

  /** Whether so many more, in memory alone, would use the room kept for messages that may not be dropped. */
  isShortOfRoom(messages: number, bytes: number): boolean {
    const { maxQueueMessages, maxQueueBytes } = this.#options.limits
    return (
      this.#volatileMessages + messages > maxQueueMessages * droppableShare ||
      this.#volatileBytes + bytes > maxQueueBytes * droppableShare
    )
  }

  /** Beside which messages that have to fit do or do not. */
  #held(): { readonly messages: number; readonly bytes: number } {
    if (!this.#options.isKept) return this
    return { messages: this.messages - this.#volatileMessages, bytes: this.bytes - this.#volatileBytes }
  }

  #roomOf(isStored: boolean) {
    return isStored ? this.#options.rooms.disk : this.#options.rooms.memory
  }
}
