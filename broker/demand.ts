/** How much room is asked for at once, and where: by one message, or by all of a COMMIT. */
import { payerOf } from './ends.ts'
import type { Message } from './message.ts'
import type { Queues } from './queues.ts'

/** Of one place. */
export interface RouteDemand {
  messages: number
  bytes: number
  /** Messages that leave it with the same COMMIT, since it acknowledges them. */
  settled: number
  readonly byPayer: Map<string, { messages: number; bytes: number }>
}

/** Of one room: in all, and by whose share. */
export interface RoomDemand {
  total: number
  readonly byPayer: Map<string, number>
}

export class Demand {
  readonly memory: RoomDemand = { total: 0, byPayer: new Map() }
  /** Absent while nothing of it would be there. */
  disk: RoomDemand | undefined
  /** Who sends it. */
  owner = ''
  readonly byRoute: Map<string, RouteDemand> = new Map()
  /** Whether messages leave with those that come. */
  isMove = false
  readonly #queues: Pick<Queues, 'find' | 'keeps'>
  /** Of the places, queues that are not there yet, by whose share they would be in. */
  readonly #newByPayer = new Map<string, number>()
  #newQueues = 0

  /** @param counted messages that are in the room already, because a transaction holds them */
  constructor(queues: Pick<Queues, 'find' | 'keeps'>, counted: readonly Message[]) {
    this.#queues = queues
    for (const { payer, bytes } of counted) addBytes(this.memory, payer, -bytes)
  }

  add(message: Message): void {
    const { route, bytes, payer, owner } = message
    this.owner = owner
    addBytes(this.roomOf(message), payer, bytes)
    const atRoute = this.#at(route, owner)
    atRoute.messages++
    atRoute.bytes += bytes
    const { messages = 0, bytes: before = 0 } = atRoute.byPayer.get(payer) ?? {}
    atRoute.byPayer.set(payer, { messages: messages + 1, bytes: before + bytes })
  }

  /** Its place keeps room for it; it only has to be there. */
  addReserved(message: Message): void {
    const { route, bytes, payer, owner } = message
    this.owner = owner
    addBytes(this.roomOf(message), payer, bytes)
    this.#at(route, owner)
  }

  /** It is acknowledged by the same COMMIT: a job that is sent on takes the room that it had. */
  subtract(message: Message): void {
    const { route, bytes, payer } = message
    addBytes(this.roomOf(message), payer, -bytes)
    this.isMove = true
    const atRoute = this.byRoute.get(route)
    if (atRoute === undefined) return
    atRoute.settled++
    atRoute.bytes -= bytes
  }

  /**
   * How many queues would be new with that of a route, which is not there yet.
   * @param owner who sends there
   * @returns `ofSame`: in the share that this one would be in
   */
  newWith(route: string, owner: string): { readonly ofSame: number; readonly together: number } {
    const more = this.byRoute.has(route) ? 0 : 1
    const ofSame = this.#newByPayer.get(payerOf(route, owner)) ?? 0
    return { ofSame: ofSame + more, together: this.#newQueues + more }
  }

  /** Of the room that it would be in. */
  roomOf(message: Message): RoomDemand {
    if (!this.#queues.keeps(message)) return this.memory
    this.disk ??= { total: 0, byPayer: new Map() }
    return this.disk
  }

  #at(route: string, owner: string): RouteDemand {
    const found = this.byRoute.get(route)
    if (found !== undefined) return found
    if (!route.startsWith('/topic/') && !this.#queues.find(route)) {
      const payer = payerOf(route, owner)
      this.#newQueues++
      this.#newByPayer.set(payer, (this.#newByPayer.get(payer) ?? 0) + 1)
    }
    const atRoute = { messages: 0, bytes: 0, settled: 0, byPayer: new Map() }
    this.byRoute.set(route, atRoute)
    return atRoute
  }
}

function addBytes(room: RoomDemand, payer: string, bytes: number): void {
  room.total += bytes
  room.byPayer.set(payer, (room.byPayer.get(payer) ?? 0) + bytes)
}
