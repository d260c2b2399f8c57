/** Messages and the ACKs that belong to them, sent together, and how that went. */
import { DroverError, type WireError } from '../shared/contract/mod.ts'
import type { Outgoing, Stomp } from '../shared/stomp/mod.ts'
import type { Handed } from './slots.ts'
import { toWireError } from './wire-error.ts'

/** How a transaction went: `unknown` when the connection went, or was silent, before its RECEIPT. */
export type Settled =
  | { readonly is: 'done' }
  /** `wasSent`: so that it may be why the connection went. */
  | { readonly is: 'unknown'; readonly wasSent: boolean }
  | { readonly is: 'refused'; readonly error: WireError }

export class Commits {
  readonly #stomp: Stomp
  readonly #pending = new Set<Promise<unknown>>()

  constructor(stomp: Stomp) {
    this.#stomp = stomp
  }

  /** Sends messages and, with `handed`, ACKs a job, together. Never rejects. */
  commit(messages: readonly Outgoing[], handed: readonly Handed[]): Promise<Settled> {
    const committed = this.#commit(messages, handed)
    this.#pending.add(committed)
    void committed.finally(() => this.#pending.delete(committed))
    return committed
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  async #commit(messages: readonly Outgoing[], handed: readonly Handed[]): Promise<Settled> {
    const stomp = this.#stomp
    const [only] = messages
    if (only === undefined && handed.length === 0) return { is: 'done' }
    const wasSent = stomp.state.at === 'open'
    try {
      if (handed.length === 0 && messages.length === 1 && only !== undefined) {
        await stomp.publish(only)
      } else {
        await stomp.transaction(transaction => {
          for (const message of messages) transaction.publish(message)
          for (const one of handed) one.ack(transaction)
        })
      }
      for (const one of handed) one.settled()
      return { is: 'done' }
    } catch (error) {
      if (!this.#isUnknown(error)) return { is: 'refused', error: toWireError(error) }
      return { is: 'unknown', wasSent: wasSent && !isSlow(error) }
    }
  }

  /**
   * A broker that closes with its ERROR may have been refusing for the moment only, as one does when a queue is first
   * used by two at once.
   */
  #isUnknown(error: unknown): boolean {
    if (!(error instanceof DroverError)) return false
    if (error.code === 'broker_error') return this.#stomp.state.at !== 'open'
    return error.code === 'connection_lost' || error.code === 'timed_out' || error.code === 'closed'
  }
}

/** A broker that is slow, as one whose memory or disk is full, refuses nothing: what it does not confirm is tried for ever. */
function isSlow(error: unknown): boolean {
  if (!(error instanceof DroverError)) return false
  return error.code === 'timed_out' || isSlow(error.cause)
}
