/** How much of a queue that several owners share each of them uses: one of them keeps no other's jobs out. */
import { limitInWords, ownLimit } from '../shared/quota.ts'
import type { Held as Counted, QueueLimits } from './queue-limits.ts'

interface Held {
  messages: number
  bytes: number
}

/** How much comes, by whose share it counts in. */
export type OwnerUsage = ReadonlyMap<string, Readonly<Held>>

/** So many without messages are kept: who sends again soon needs no new entry. */
const maxEmpty = 16

export class QueueQuotas {
  readonly #limits: QueueLimits
  readonly #byPayer = new Map<string, Held>()

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  add({ payer, bytes }: Counted): void {
    const held = this.#byPayer.get(payer)
    if (held === undefined) this.#byPayer.set(payer, { messages: 1, bytes })
    else {
      held.messages++
      held.bytes += bytes
    }
  }

  remove({ payer, bytes }: Counted): void {
    const held = this.#byPayer.get(payer)
    if (held === undefined) return
    held.messages--
    held.bytes -= bytes
    if (held.messages === 0 && this.#byPayer.size > maxEmpty) this.#byPayer.delete(payer)
  }

  /**
   * Why so much more of one payer does not fit; `undefined` when it does.
   * @param all the messages that the queue holds
   * @param more the messages that come, and of whom
   * @param reserve the room beyond the queue's limits that it may use, as a share of them
   */
  fullBecause(route: string, all: Readonly<Held>, more: OwnerUsage, reserve: number): string | undefined {
    const { maxMessages, maxBytes, maxOwnerMessages, maxOwnerBytes } = this.#limits
    const ofMessages = { inAll: maxMessages * (1 + reserve), ofOwner: maxOwnerMessages }
    const ofBytes = { inAll: maxBytes * (1 + reserve), ofOwner: maxOwnerBytes }
    for (const [payer, { messages, bytes }] of more) {
      const held = this.#byPayer.get(payer) ?? { messages: 0, bytes: 0 }
      if (messages > 0 && held.messages + messages > ownLimit(ofMessages, all.messages)) {
        return `${payer} has ${held.messages} messages in ${route}; ${limitInWords(ofMessages, all.messages)}`
      }
      if (bytes > 0 && held.bytes + bytes > ownLimit(ofBytes, all.bytes)) {
        return `${payer} has ${held.bytes} bytes in ${route}; ${limitInWords(ofBytes, all.bytes)}`
      }
    }
    return undefined
  }
}
