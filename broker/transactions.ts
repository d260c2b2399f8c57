/** Open transactions of one connection: SEND, ACK and NACK wait for COMMIT. STOMP 1.2, 'BEGIN', 'COMMIT', 'ABORT'. */
import { DroverError } from '../shared/contract/errors.ts'
import type { BrokerLimits } from './limits.ts'
import type { Message } from './message.ts'
import type { Quotas } from './quotas.ts'
import type { Room } from './room.ts'
import type { UnackedDelivery } from './subscription.ts'

/** One frame of a transaction. */
export type Step =
  | { readonly type: 'send'; readonly message: Message }
  | { readonly type: 'ack' | 'nack'; readonly deliveries: readonly UnackedDelivery[] }

export interface TransactionsOptions {
  readonly limits: BrokerLimits
  readonly room: Room
  readonly quotas: Quotas
  /** Told of each message of a transaction that ends, however it does. */
  readonly onEnd: (message: Message) => void
}

/** How much more than its owner's share a message may use until its COMMIT, which may make as much free: so many times. */
const untilCommit = 1 / 8

export class Transactions {
  readonly #limits: BrokerLimits
  readonly #room: Room
  readonly #quotas: Quotas
  readonly #onEnd: (message: Message) => void
  readonly #owner: string
  readonly #steps = new Map<string, Step[]>()
  #bytes = 0

  /** @param owner in whose share they are */
  constructor(owner: string, { limits, room, quotas, onEnd }: TransactionsOptions) {
    this.#owner = owner
    this.#limits = limits
    this.#room = room
    this.#quotas = quotas
    this.#onEnd = onEnd
  }

  /** @throws {DroverError} `frame_invalid` when it is open already, `queue_full` when too many are */
  begin(name: string): void {
    if (this.#steps.has(name))
      throw new DroverError('frame_invalid', `Transaction "${name}" has begun already; end it first`)
    if (this.#steps.size >= this.#limits.maxTransactions) {
      throw new DroverError(
        'queue_full',
        `${this.#steps.size} transactions are open, which is the limit; end one first`,
      )
    }
    this.#quotas.transactions.acquire(this.#owner, 1)
    this.#steps.set(name, [])
  }

  /** @throws {DroverError} `frame_invalid` when it is not open, `queue_full` past a limit */
  add(name: string, step: Step): void {
    const steps = this.stepsOf(name)
    if (steps.length >= this.#limits.maxTransactionFrames) {
      throw new DroverError(
        'queue_full',
        `Transaction "${name}" has ${steps.length} frames, which is the limit; commit it`,
      )
    }
    if (step.type === 'send') {
      const bytes = this.#bytes + step.message.bytes
      const { maxTransactionBytes } = this.#limits
      if (bytes > maxTransactionBytes && !step.message.isSmallEnd) {
        throw new DroverError(
          'queue_full',
          `Open transactions would hold ${bytes} bytes; the limit is ${maxTransactionBytes}`,
        )
      }
      this.#take(step.message)
    } else for (const delivery of step.deliveries) delivery.transaction = name
    steps.push(step)
  }

  /** @throws {DroverError} `frame_invalid` when it is not open */
  stepsOf(name: string): Step[] {
    const steps = this.#steps.get(name)
    if (!steps) throw new DroverError('frame_invalid', `Transaction "${name}" is not open; send BEGIN first`)
    return steps
  }

  /** Ends it, however; its deliveries are free again. Gives its steps. */
  end(name: string): readonly Step[] {
    const steps = this.stepsOf(name)
    this.#steps.delete(name)
    this.#quotas.transactions.release(this.#owner, 1)
    for (const step of steps) {
      if (step.type === 'send') {
        this.#bytes -= step.message.bytes
        this.#quotas.transactionBytes.release(this.#owner, step.message.bytes)
        this.#room.release(step.message.payer, step.message.bytes)
        this.#onEnd(step.message)
      } else for (const delivery of step.deliveries) delivery.transaction = undefined
    }
    return steps
  }

  endAll(): void {
    for (const name of [...this.#steps.keys()]) this.end(name)
  }

  #take({ payer, bytes, isSmallEnd }: Message): void {
    const reserve = isSmallEnd ? untilCommit : 0
    const full = this.#room.fullBecause(payer, bytes, { reserve, ownReserve: untilCommit })
    if (full !== undefined) {
      throw new DroverError('queue_full', `The message does not fit: ${full}; send it again later`)
    }
    // Large outcomes wait in transactions: a small one is not to end its session for that
    if (isSmallEnd) this.#quotas.transactionBytes.add(this.#owner, bytes)
    else this.#quotas.transactionBytes.acquire(this.#owner, bytes)
    this.#bytes += bytes
    this.#room.add(payer, bytes)
  }
}
