/**
 * How a job leaves this worker: what it sends and the ACK in one transaction, with the receipt on COMMIT, so that either
 * the job is over and its outcome sent, or neither. Promise 1.
 */
import { DroverError, type WireError } from '../shared/contract/mod.ts'
import type { Outgoing, Stomp } from '../shared/stomp/mod.ts'
import type { Ended, Memory } from './memory.ts'
import type { Handed } from './slots.ts'
import { toWireError } from './wire-error.ts'

/** How a transaction went: `unknown` when the connection went, or was silent, before its RECEIPT. */
export type Settled =
  | { readonly is: 'done' }
  | { readonly is: 'unknown' }
  | { readonly is: 'refused'; error: WireError }

export interface SettlerPorts {
  readonly stomp: Stomp
  readonly memory: Memory
  problem(message: string, error?: unknown): void
}

export class Settler {
  readonly #ports: SettlerPorts
  readonly #pending = new Set<Promise<unknown>>()

  constructor(ports: SettlerPorts) {
    this.#ports = ports
  }

  /** Sends messages and ACKs a job, together. Never rejects. */
  commit(messages: readonly Outgoing[], handed: Handed | undefined): Promise<Settled> {
    const committed = this.#commit(messages, handed)
    this.#pending.add(committed)
    void committed.finally(() => this.#pending.delete(committed))
    return committed
  }

  /**
   * Sends an outcome that is kept in memory. Never rejects. When the connection goes it stays there, and is sent again
   * when the job is delivered again or `resend` is called.
   * @param bury makes the dead letter that is sent when the outcome is refused
   */
  async outcome(ended: Ended, handed: Handed | undefined, bury: (error: WireError) => Outgoing): Promise<void> {
    const settled = await this.commit(ended.messages, handed)
    if (settled.is === 'unknown') return
    this.#ports.memory.settled(ended.request_id)
    if (settled.is === 'refused') await this.#bury(ended.request_id, settled.error, handed, bury)
  }

  /** Lets go of a job that has no outcome here: publishes it again, or buries it. Never rejects. */
  async release(
    requestId: string,
    message: Outgoing,
    handed: Handed | undefined,
    bury: (error: WireError) => Outgoing,
  ): Promise<void> {
    const settled = await this.commit([message], handed)
    if (settled.is === 'refused') await this.#bury(requestId, settled.error, handed, bury)
  }

  /** What may not be sent is not tried for ever: to dead with the reason, or, where that is refused too, given up. */
  async #bury(
    requestId: string,
    error: WireError,
    handed: Handed | undefined,
    bury: (error: WireError) => Outgoing,
  ): Promise<void> {
    const { problem } = this.#ports
    problem(`What was to be sent about job ${requestId} was refused: ${error.message}`, error)
    if (handed === undefined) return
    const buried = await this.commit([bury(error)], handed)
    if (buried.is !== 'refused') return
    problem(
      `The dead letter of job ${requestId} was refused; the job is given up: ${buried.error.message}`,
      buried.error,
    )
    await this.commit([], handed)
  }

  /** Sends what no broker confirmed, alone: the ACKs that belonged to it are gone with their connection. */
  async resend(): Promise<void> {
    const { memory, problem } = this.#ports
    for (const ended of memory.unsettled()) {
      const settled = await this.commit(ended.messages, undefined)
      if (settled.is === 'unknown') return
      memory.settled(ended.request_id)
      if (settled.is === 'refused') problem(`The outcome of ${ended.request_id} was refused`, settled.error)
    }
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  async #commit(messages: readonly Outgoing[], handed: Handed | undefined): Promise<Settled> {
    const { stomp } = this.#ports
    const [only] = messages
    try {
      if (handed === undefined && messages.length === 1 && only !== undefined) {
        await stomp.publish(only)
      } else {
        await stomp.transaction(transaction => {
          for (const message of messages) transaction.publish(message)
          handed?.ack(transaction)
        })
      }
      handed?.settled()
      return { is: 'done' }
    } catch (error) {
      const isUnknown = error instanceof DroverError && unknownCodes.has(error.code)
      return isUnknown ? { is: 'unknown' } : { is: 'refused', error: toWireError(error) }
    }
  }
}

const unknownCodes: ReadonlySet<string> = new Set(['connection_lost', 'timed_out', 'closed'])
