/**
 * The dead letters that a session holds: each may be sent again once, for whom its own headers say. A bridge wrote those, or a
 * program with the broker's login. Promise 7.
 */
import { LazyMap, LazySet } from '../../shared/lazy-collections.ts'

/** A letter as its headers describe its job. */
export interface Letter {
  /** Empty where it says none. */
  readonly correlationId: string
  readonly replyTo: string
  /** `undefined`: nobody vouched for the job. */
  readonly pass: string | undefined
  /** Of the MESSAGE. */
  readonly messageId: string
}

interface Held {
  readonly letter: Letter
  isSent: boolean
}

export class Letters {
  readonly #subscriptions = new LazySet<string>()
  /** By the id in an ACK. */
  readonly #held = new LazyMap<string, Held>()
  readonly #inTransactions = new LazyMap<string, Held[]>()

  /** A subscription of a session that may send letters again. */
  opened(subscription: string): void {
    this.#subscriptions.add(subscription)
  }

  ended(subscription: string): void {
    this.#subscriptions.delete(subscription)
  }

  isFrom(subscription: string): boolean {
    return this.#subscriptions.size > 0 && this.#subscriptions.has(subscription)
  }

  /** The session holds it until its ACK. */
  handed(id: string, letter: Letter): void {
    this.#held.set(id, { letter, isSent: false })
  }

  /** It was acknowledged or given back. */
  settled(id: string): void {
    this.#held.delete(id)
  }

  /** @returns the letter, which counts as sent again then; `undefined` for one that is not held, or was sent */
  use(id: string, transaction: string | undefined): Letter | undefined {
    const held = this.#held.get(id)
    if (held === undefined || held.isSent) return undefined
    held.isSent = true
    if (transaction !== undefined) {
      const used = this.#inTransactions.get(transaction)
      if (used === undefined) this.#inTransactions.set(transaction, [held])
      else used.push(held)
    }
    return held.letter
  }

  /** @param isCommit with ABORT nothing was sent */
  transactionEnded(transaction: string, isCommit: boolean): void {
    const used = this.#inTransactions.get(transaction)
    if (used === undefined) return
    this.#inTransactions.delete(transaction)
    if (!isCommit) for (const held of used) held.isSent = false
  }
}
