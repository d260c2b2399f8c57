/**
 * Jobs that a session sends on, back to their queue or to dead: one for each delivery that it holds. Else whoever was handed
 * one job could make any number in its sender's name.
 */

/** Deliveries with one pass, which a master that sends a job again gives to both. */
interface Held {
  deliveries: number
  moved: number
}

export class Moves {
  /** By pass. */
  readonly #held = new Map<string, Held>()
  /** By what an ACK names. */
  readonly #passes = new Map<string, string>()
  /** Passes that were used in open transactions. */
  readonly #inTransactions = new Map<string, string[]>()

  /** The session holds a delivery of a job with this pass. */
  handed(id: string, pass: string): void {
    if (this.#passes.has(id)) return
    this.#passes.set(id, pass)
    const held = this.#held.get(pass)
    if (held === undefined) this.#held.set(pass, { deliveries: 1, moved: 0 })
    else held.deliveries++
  }

  /** It was acknowledged or given back. */
  settled(id: string): void {
    const pass = this.#passes.get(id)
    if (pass === undefined) return
    this.#passes.delete(id)
    const held = this.#held.get(pass)!
    held.deliveries--
    held.moved = Math.max(0, held.moved - 1)
    if (held.deliveries === 0) this.#held.delete(pass)
  }

  /** Whether the session holds a delivery with this pass. */
  holds(pass: string): boolean {
    return this.#held.has(pass)
  }

  /** @returns whether the job may be sent on once more; it counts as sent on then */
  take(pass: string, transaction: string | undefined): boolean {
    const held = this.#held.get(pass)
    if (held === undefined || held.moved >= held.deliveries) return false
    held.moved++
    if (transaction !== undefined) {
      const used = this.#inTransactions.get(transaction)
      if (used === undefined) this.#inTransactions.set(transaction, [pass])
      else used.push(pass)
    }
    return true
  }

  /** @param isCommit with ABORT nothing was sent on */
  transactionEnded(transaction: string, isCommit: boolean): void {
    const used = this.#inTransactions.get(transaction)
    if (used === undefined) return
    this.#inTransactions.delete(transaction)
    if (isCommit) return
    for (const pass of used) {
      const held = this.#held.get(pass)
      if (held !== undefined) held.moved = Math.max(0, held.moved - 1)
    }
  }
}
