/**
 * How often a session may republish its jobs, back to their queue or to dead: once for each delivery that it holds.
 * Otherwise a worker that was handed one job could make any number in its sender's name.
 */
import { LazyMap } from '../../shared/lazy-collections.ts'

/** Deliveries with one pass, which a master that sends a job again gives to both. */
interface Deliveries {
  held: number
  republished: number
}

export class RepublishQuota {
  readonly #byPass = new LazyMap<string, Deliveries>()
  /** By the id in an ACK. */
  readonly #passes = new LazyMap<string, string>()
  /** Passes that were used in open transactions. */
  readonly #inTransactions = new LazyMap<string, string[]>()

  /** The session holds a delivery of a job with this pass. */
  handed(id: string, pass: string): void {
    if (this.#passes.has(id)) return
    this.#passes.set(id, pass)
    const deliveries = this.#byPass.get(pass)
    if (deliveries === undefined) this.#byPass.set(pass, { held: 1, republished: 0 })
    else deliveries.held++
  }

  /** It was acknowledged or given back. */
  settled(id: string): void {
    const pass = this.#passes.get(id)
    if (pass === undefined) return
    this.#passes.delete(id)
    const deliveries = this.#byPass.get(pass)!
    deliveries.held--
    deliveries.republished = Math.max(0, deliveries.republished - 1)
    if (deliveries.held === 0) this.#byPass.delete(pass)
  }

  /** Whether the session holds a delivery with this pass. */
  holds(pass: string): boolean {
    return this.#byPass.has(pass)
  }

  /** @returns whether the job may be sent on once more; it counts as sent on then */
  use(pass: string, transaction: string | undefined): boolean {
    const deliveries = this.#byPass.get(pass)
    if (deliveries === undefined || deliveries.republished >= deliveries.held) return false
    deliveries.republished++
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
      const deliveries = this.#byPass.get(pass)
      if (deliveries !== undefined) deliveries.republished = Math.max(0, deliveries.republished - 1)
    }
  }
}
