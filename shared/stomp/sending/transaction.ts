/** Collects the steps of a transaction, so that a `fill` that throws has sent nothing. */
import type { Outgoing, Transaction } from '../stomp.ts'

/** One frame of a transaction. */
export type Step =
  | { readonly send: Outgoing }
  /** Sends an ACK with these headers added; does nothing when the message came by a connection that is gone. */
  | { readonly ack: (headers: Record<string, string>) => void; readonly destination: string }

const steps = new WeakMap<Transaction, Step[]>()

/** Runs `fill` and gives back the steps that it put in, in order. */
export function collect(fill: (transaction: Transaction) => void): readonly Step[] {
  const collected: Step[] = []
  const transaction: Transaction = { publish: message => void collected.push({ send: message }) }
  steps.set(transaction, collected)
  try {
    fill(transaction)
  } finally {
    steps.delete(transaction) // a later step would be lost without a word
  }
  return collected
}

/**
 * Puts an ack into a transaction that is being filled.
 * @throws {TypeError} when its `fill` has returned already
 */
export function addAck(transaction: Transaction, ack: Extract<Step, { ack: unknown }>): void {
  const collected = steps.get(transaction)
  if (!collected) throw new TypeError('This transaction was sent already; call ack(transaction) inside its fill')
  collected.push(ack)
}
