/** How much comes at once, and where. */
import type { Message } from './message.ts'

/** Of one place. */
export interface Need {
  messages: number
  bytes: number
  /** What leaves it with the same COMMIT, since it is acknowledged there. */
  settled: number
  readonly byPayer: Map<string, { messages: number; bytes: number }>
}

export class Tally {
  total = 0
  /** Who sends it. */
  owner = ''
  readonly byPayer: Map<string, number> = new Map()
  readonly byRoute: Map<string, Need> = new Map()
  /** Whether something leaves with what comes. */
  isMove = false

  /** @param counted what is in the room already, because a transaction holds it */
  constructor(counted: readonly Message[]) {
    for (const { payer, bytes } of counted) this.#addBytes(payer, -bytes)
  }

  add({ route, bytes, payer, owner }: Message): void {
    this.owner = owner
    this.#addBytes(payer, bytes)
    const need = this.#at(route)
    need.messages++
    need.bytes += bytes
    const { messages = 0, bytes: before = 0 } = need.byPayer.get(payer) ?? {}
    need.byPayer.set(payer, { messages: messages + 1, bytes: before + bytes })
  }

  /** Its place keeps room for it; it only has to be there. */
  addPromised({ route, bytes, payer, owner }: Message): void {
    this.owner = owner
    this.#addBytes(payer, bytes)
    this.#at(route)
  }

  /** It is acknowledged by the same COMMIT: a job that is sent on takes the room that it had. */
  subtract({ route, bytes, payer }: Message): void {
    this.#addBytes(payer, -bytes)
    this.isMove = true
    const need = this.byRoute.get(route)
    if (need === undefined) return
    need.settled++
    need.bytes -= bytes
  }

  #addBytes(payer: string, bytes: number): void {
    this.total += bytes
    this.byPayer.set(payer, (this.byPayer.get(payer) ?? 0) + bytes)
  }

  #at(route: string): Need {
    const found = this.byRoute.get(route)
    if (found !== undefined) return found
    const need = { messages: 0, bytes: 0, settled: 0, byPayer: new Map() }
    this.byRoute.set(route, need)
    return need
  }
}
