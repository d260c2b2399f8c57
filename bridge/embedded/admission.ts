/**
 * What is let in: a message that does not fit is refused before anything is published, and one that may be dropped is dropped when
 * little room is left, so that the others still fit.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { droppableShare } from './limits.ts'
import type { Message } from './message.ts'
import { payerOf, type Queues } from './queues.ts'
import type { Room } from './room.ts'

/** How much comes at once, and where. */
interface Tally {
  total: number
  readonly byPayer: Map<string, number>
  readonly byRoute: Map<string, { readonly messages: number; readonly bytes: number }>
}

/** @param counted what is in the room already, because a transaction holds it */
function tallyWithout(counted: readonly Message[]): Tally {
  const tally: Tally = { total: 0, byPayer: new Map(), byRoute: new Map() }
  for (const { payer, bytes } of counted) addBytes(tally, payer, -bytes)
  return tally
}

function addBytes(tally: Tally, payer: string, bytes: number): void {
  tally.total += bytes
  tally.byPayer.set(payer, (tally.byPayer.get(payer) ?? 0) + bytes)
}

function addTo(tally: Tally, { route, bytes, payer }: Message): void {
  const before = tally.byRoute.get(route)
  addBytes(tally, payer, bytes)
  tally.byRoute.set(route, { messages: (before?.messages ?? 0) + 1, bytes: (before?.bytes ?? 0) + bytes })
}

export class Admission {
  /** Messages with `persistent:false` that were dropped. */
  dropped = 0
  readonly #queues: Queues
  readonly #room: Room
  readonly #onShortOfRoom: (destination: string, count: number) => void

  /** @param onShortOfRoom told at 1, 2, 4, 8 … dropped messages, with the destination of the last */
  constructor(queues: Queues, room: Room, onShortOfRoom: (destination: string, count: number) => void) {
    this.#queues = queues
    this.#room = room
    this.#onShortOfRoom = onShortOfRoom
  }

  /**
   * Makes sure that all of these fit, before any is published.
   * @param counted those of these that are in the room already, because a transaction holds them
   * @throws {DroverError} `queue_full`
   */
  checkRoom(messages: readonly Message[], counted: readonly Message[] = []): void {
    const needs = tallyWithout(counted)
    for (const message of messages) if (!this.#needsNoRoom(message)) addTo(needs, message)
    const newQueues = new Map<string, number>()
    let together = 0
    const owner = messages[0]?.owner ?? ''
    let full: string | undefined
    for (const [route, need] of needs.byRoute) {
      if (route.startsWith('/topic/')) continue
      const found = this.#queues.find(route)
      if (!found) {
        const payer = payerOf(route, owner)
        const count = (newQueues.get(payer) ?? 0) + 1
        if (this.#queues.isGone(route, owner, count)) continue
        newQueues.set(payer, count)
        this.#queues.checkNew(route, owner, count, ++together)
      }
      // A queue that is not there yet is bounded like any other
      const queue = found ?? this.#queues.create(route, owner)
      full ??= queue.fullBecause(need.messages, need.bytes)
    }
    for (const [payer, bytes] of needs.byPayer) full ??= this.#room.fullBecause(payer, bytes, needs.total)
    if (full === undefined) return
    throw new DroverError('queue_full', `The message does not fit: ${full}; send it again later`)
  }

  /**
   * Makes sure that those that may not be dropped fit, before any is published; drops of the others what would use the rest.
   * @param counted those of these that are in the room already, because a transaction holds them
   * @returns what is to be published
   * @throws {DroverError} `queue_full`
   */
  admit(messages: readonly Message[], counted: readonly Message[] = []): readonly Message[] {
    const needed = messages.filter(({ mayBeDropped }) => !mayBeDropped)
    this.checkRoom(needed, counted)
    if (needed.length === messages.length) return messages
    const tally = tallyWithout(counted)
    for (const message of needed) addTo(tally, message)
    return messages.filter(message => !message.mayBeDropped || !this.#drops(message, tally))
  }

  /** Whether a message is dropped, and counted, because it may be and little room is left. */
  drops(message: Message): boolean {
    return message.mayBeDropped && this.#drops(message, tallyWithout([]))
  }

  /** @param others what is published with it; it joins them unless it is dropped */
  #drops(message: Message, others: Tally): boolean {
    const { route, bytes, owner, payer } = message
    if (this.#needsNoRoom(message)) return false
    const found = this.#queues.find(route)
    const isTooMany = !found && this.#queues.areTooMany(route, owner, others.byRoute.size + 1)
    const queue = found ?? this.#queues.create(route, owner)
    const { messages: beside, bytes: besideBytes } = others.byRoute.get(route) ?? { messages: 0, bytes: 0 }
    const isShort =
      this.#room.isShort(payer, (others.byPayer.get(payer) ?? 0) + bytes, others.total + bytes, droppableShare) ||
      (message.destination.kind !== 'topic' && (isTooMany || queue.isShortOfRoom(beside + 1, besideBytes + bytes)))
    if (!isShort) addTo(others, message)
    if (!isShort) return false
    this.dropped++
    queue.dropped++
    if (Number.isInteger(Math.log2(this.dropped))) this.#onShortOfRoom(route, this.dropped)
    return true
  }

  #needsNoRoom({ route, destination, delayMs, owner }: Message): boolean {
    return (destination.kind === 'topic' && delayMs === 0) || this.#queues.isGone(route, owner)
  }
}
