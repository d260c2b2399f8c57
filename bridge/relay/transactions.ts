/** The transactions that a session has open. The broker holds their frames until COMMIT. */
import { DroverError } from '../../shared/contract/errors.ts'
import { LazyMap } from '../../shared/lazy-collections.ts'
import { LimitReached } from '../limit-reached.ts'
import type { SessionShare } from './shares/session-share.ts'

export class Transactions {
  readonly #most: number
  readonly #share: SessionShare
  /** The bytes of their frames. */
  readonly #open: LazyMap<string, number> = new LazyMap()

  /**
   * @param most open at once
   * @param share of the session
   */
  constructor(most: number, share: SessionShare) {
    this.#most = most
    this.#share = share
  }

  /**
   * Of a BEGIN.
   * @throws {DroverError} `frame_invalid` where it is open already, `forbidden` or `queue_full` where it is one too many
   */
  begin(id: string): void {
    if (this.#open.has(id)) {
      throw new DroverError('frame_invalid', `A BEGIN has the transaction ${shown(id)}, which is open; end it first`)
    }
    if (this.#open.size >= this.#most) {
      throw new LimitReached(
        'maxTransactions',
        'forbidden',
        `BEGIN of one transaction too many: a session may have ${this.#most} open`,
      )
    }
    this.#share.take('transactions', 1)
    this.#open.set(id, 0)
  }

  /**
   * Of a COMMIT or an ABORT.
   * @throws {DroverError} `frame_invalid`
   */
  end(command: string, id: string): void {
    const bytes = this.#bytesOf(command, id)
    this.#share.give('transactionBytes', bytes)
    this.#share.give('transactions', 1)
    this.#open.delete(id)
  }

  /**
   * Of a frame that may be part of one.
   * @param bytes of the frame
   * @throws {DroverError} `frame_invalid` where it names one that is not open, `queue_full` where it holds too much
   */
  add(command: string, id: string | undefined, bytes: number): void {
    if (id === undefined) return
    const before = this.#bytesOf(command, id)
    this.#share.take('transactionBytes', bytes)
    this.#open.set(id, before + bytes)
  }

  #bytesOf(command: string, id: string): number {
    const bytes = this.#open.get(id)
    if (bytes !== undefined) return bytes
    throw new DroverError(
      'frame_invalid',
      `The transaction ${shown(id)} of this ${command} is not open; BEGIN it first`,
    )
  }
}

const shown = (id: string): string => JSON.stringify(id.slice(0, 100))
