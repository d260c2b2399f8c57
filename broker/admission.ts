/**
 * Which messages are let in. One that does not fit is refused before anything is published, and one that may be dropped is dropped
 * when little room is left, so that the others still fit. Small ends of jobs fit in a reserve, and are dropped when that is used up.
 * Where nobody reads, an ERROR would end the session of the worker that answers, and everybody's jobs there with it.
 */
import { DroverError } from '../shared/contract/errors.ts'
import { isSampled } from '../shared/sampling.ts'
import { Demand, type RoomDemand, type RouteDemand } from './demand.ts'
import { endsReserve, isForEnds, payerOf } from './ends.ts'
import { droppableShare } from './limits.ts'
import type { Message } from './message.ts'
import type { Queues } from './queues.ts'
import type { Room, Rooms } from './room.ts'

/** Each told at 1, 2, 4, 8 … messages, with the destination of the last. */
export interface AdmissionEvents {
  /** Messages with `persistent:false` were dropped because little room was left. */
  readonly onShortOfRoom: (destination: string, count: number) => void
  /** Small replies and dead letters were dropped, since nobody reads there. */
  readonly onEndDropped: (destination: string, count: number) => void
}

export class Admission {
  /** Messages that gave way: with `persistent:false`, or small ends of jobs. */
  dropped = 0
  readonly #reserved = new Map<string, { readonly messages: number; readonly bytes: number }>()
  readonly #queues: Queues
  readonly #rooms: Rooms
  readonly #events: AdmissionEvents
  #ends = 0

  constructor(queues: Queues, rooms: Rooms, events: AdmissionEvents) {
    this.#queues = queues
    this.#rooms = rooms
    this.#events = events
  }

  /**
   * Makes sure that a message that may not be dropped fits, before it is published.
   * @throws {DroverError} `queue_full`
   */
  checkRoom(message: Message): void {
    if (!givesWay(message)) this.#check(this.#demand([message], []))
  }

  /**
   * Makes sure that those that have to fit do, before any is published. Drops the others that would use the rest.
   * @param messages of a transaction, which are in the room already
   * @param settled the messages that the same COMMIT acknowledges
   * @returns the messages to publish
   * @throws {DroverError} `queue_full`
   */
  admit(messages: readonly Message[], settled: readonly Message[]): readonly Message[] {
    const needed = messages.filter(message => !givesWay(message))
    const demand = this.#demand(needed, messages)
    for (const message of settled) demand.subtract(message)
    this.#check(demand)
    if (needed.length === messages.length) return messages
    return messages.filter(message => !givesWay(message) || !this.#drops(message, demand))
  }

  /**
   * Makes sure that a message fits in another queue, which leaves its own at once.
   * @throws {DroverError} `queue_full`
   */
  checkMove(message: Message, left: Message): void {
    const demand = this.#demand([message], [])
    demand.subtract(left)
    this.#check(demand)
  }

  /**
   * Whether a message is dropped, and counted, because it may be and little room is left.
   * @throws {DroverError} `queue_full` for the small end of a job when the broker is full as a whole
   */
  drops(message: Message): boolean {
    return givesWay(message) && this.#drops(message, new Demand(this.#queues, []))
  }

  /** Keeps room for the end of a job whose SEND is confirmed, until its transaction ends: its COMMIT does not fail for it. */
  reserveRoom(message: Message): void {
    // A queue of jobs is others' as well, whom room that nobody uses would keep out
    if (givesWay(message) || !isForEnds(message.route)) return
    message.hasReservedRoom = true
    const { messages = 0, bytes = 0 } = this.#reserved.get(message.route) ?? {}
    this.#reserved.set(message.route, { messages: messages + 1, bytes: bytes + message.bytes })
  }

  /** Its transaction has ended, however. */
  releaseRoom(message: Message): void {
    const reserved = this.#reserved.get(message.route)
    if (!message.hasReservedRoom || reserved === undefined) return
    message.hasReservedRoom = false
    const { messages, bytes } = reserved
    if (messages === 1) this.#reserved.delete(message.route)
    else this.#reserved.set(message.route, { messages: messages - 1, bytes: bytes - message.bytes })
  }

  #demand(messages: readonly Message[], counted: readonly Message[]): Demand {
    const demand = new Demand(this.#queues, counted)
    for (const message of messages) {
      if (this.#needsNoRoom(message)) continue
      if (message.hasReservedRoom) demand.addReserved(message)
      else demand.add(message)
    }
    return demand
  }

  #check({ byRoute, memory, disk, isMove, owner }: Demand): void {
    const newQueues = new Map<string, number>()
    let together = 0
    let full: string | undefined
    for (const [route, atRoute] of byRoute) {
      if (route.startsWith('/topic/')) continue
      const found = this.#queues.find(route)
      if (!found) {
        const payer = payerOf(route, owner)
        const count = (newQueues.get(payer) ?? 0) + 1
        if (this.#queues.isGone(route, owner, count)) continue
        newQueues.set(payer, count)
        this.#queues.checkNew(route, owner, count, ++together)
      }
      full ??= this.#queueFullBecause(route, owner, atRoute)
    }
    const reserve = isMove ? endsReserve : 0
    full ??= roomFullBecause(this.#rooms.memory, memory, reserve)
    if (disk) full ??= roomFullBecause(this.#rooms.disk, disk, reserve)
    if (full === undefined) return
    throw noRoom([...byRoute.keys()].join(', '), full)
  }

  /** A queue that is not there yet is bounded like any other. A job that is sent on has its place, and may have grown a little. */
  #queueFullBecause(route: string, owner: string, atRoute: RouteDemand): string | undefined {
    const { messages, bytes, settled } = atRoute
    if (messages === 0) return undefined
    const queue = this.#queues.find(route) ?? this.#queues.create(route, owner)
    const reserved = this.#reserved.get(route) ?? { messages: 0, bytes: 0 }
    const [allMessages, allBytes] = [reserved.messages + messages - settled, reserved.bytes + bytes]
    if (settled >= messages) return queue.fullBecause(allMessages, allBytes, endsReserve)
    return queue.fullBecause(allMessages, allBytes) ?? queue.shareFullBecause(atRoute.byPayer)
  }

  /** @param others the messages that are published with it; it joins them unless it is dropped */
  #drops(message: Message, others: Demand): boolean {
    const { route, owner } = message
    // Past its owner's share of queues it is dropped, and told, by the code that publishes it
    if (this.#needsNoRoom(message) || this.#queues.isGone(route, owner, others.newWith(route, owner).ofSame))
      return false
    if (!(message.mayBeDropped ? this.#isShortFor(message, others) : this.#isReserveUsed(message, others))) {
      others.add(message)
      return false
    }
    this.dropped++
    const queue = this.#queues.find(route)
    if (queue) queue.dropped++
    if (message.mayBeDropped) {
      const count = this.dropped - this.#ends
      if (isSampled(count)) this.#events.onShortOfRoom(route, count)
    } else if (isSampled(++this.#ends)) this.#events.onEndDropped(route, this.#ends)
    return true
  }

  #isShortFor({ route, bytes, owner, payer, destination }: Message, others: Demand): boolean {
    const { messages, bytes: besideBytes } = others.byRoute.get(route) ?? none
    const { total, byPayer } = others.memory
    const beside = byPayer.get(payer) ?? 0
    if (this.#rooms.memory.isShort(payer, beside + bytes, total + bytes, droppableShare)) return true
    if (destination.kind === 'topic') return false
    if (this.#isOneTooMany(route, owner, others)) return true
    const queue = this.#queues.find(route) ?? this.#queues.create(route, owner)
    return queue.isShortOfRoom(messages + 1, besideBytes + bytes)
  }

  /** @throws {DroverError} `queue_full` */
  #isReserveUsed(message: Message, others: Demand): boolean {
    const { route, bytes, owner, payer } = message
    const { messages, bytes: besideBytes, byPayer } = others.byRoute.get(route) ?? none
    const room = this.#queues.keeps(message) ? this.#rooms.disk : this.#rooms.memory
    const { total, byPayer: besideByPayer } = others.roomOf(message)
    const beside = besideByPayer.get(payer) ?? 0
    // No fault of the one who does not read, so it is refused like anything else
    const whole = room.wholeFullBecause(total + bytes, endsReserve)
    if (whole !== undefined) throw noRoom(route, whole)
    if (room.fullBecause(payer, beside + bytes, { total: 0, reserve: endsReserve }) !== undefined) return true
    if (this.#isOneTooMany(route, owner, others)) return true
    const queue = this.#queues.find(route) ?? this.#queues.create(route, owner)
    if (queue.fullBecause(messages + 1, besideBytes + bytes, endsReserve) !== undefined) return true
    const own = byPayer.get(payer) ?? { messages: 0, bytes: 0 }
    const more = { messages: own.messages + 1, bytes: own.bytes + bytes }
    return queue.shareFullBecause(new Map([[payer, more]]), endsReserve) !== undefined
  }

  #isOneTooMany(route: string, owner: string, others: Demand): boolean {
    if (this.#queues.find(route)) return false
    const { ofSame, together } = others.newWith(route, owner)
    return this.#queues.areTooMany(route, owner, ofSame, together)
  }

  #needsNoRoom({ route, destination, delayMs, owner }: Message): boolean {
    return (destination.kind === 'topic' && delayMs === 0) || this.#queues.isGone(route, owner)
  }
}

const noRoom = (to: string, full: string): DroverError =>
  new DroverError('queue_full', `The message to ${to} does not fit: ${full}; send it again later`)

function roomFullBecause(room: Room, { total, byPayer }: RoomDemand, reserve: number): string | undefined {
  for (const [payer, bytes] of byPayer) {
    const full = room.fullBecause(payer, bytes, { total, reserve })
    if (full !== undefined) return full
  }
  return undefined
}

/** Whether it is dropped, and not refused. */
const givesWay = ({ mayBeDropped, isSmallEnd }: Message): boolean => mayBeDropped || isSmallEnd

const none: Pick<RouteDemand, 'messages' | 'bytes' | 'byPayer'> = { messages: 0, bytes: 0, byPayer: new Map() }
