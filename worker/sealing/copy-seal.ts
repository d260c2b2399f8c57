/** The seal of one copy of a job: it opens the input, and has the key for the replies to the master that sent it. */

import type { Reply } from '../../shared/contract/mod.ts'
import type { Payload } from '../../shared/seal/body.ts'
import { recipientsOf } from '../../shared/seal/header.ts'
import type { OpenedJob, ReplyBinding, Seal, Sealed } from '../../shared/seal/mod.ts'
import { readSealed } from '../../shared/seal/sealed.ts'

/** The job that it has to be sealed for. */
export interface SealedJobId {
  readonly namespace: string
  readonly task: string
  readonly request_id: string
  readonly attempt: number
}

/** The reply that a payload has to be sealed for. */
export type SealedReplyId = Pick<Reply, 'type' | 'attempt' | 'worker_id' | 'seq'>

export class CopySeal {
  readonly #seal: Seal
  readonly #id: SealedJobId
  readonly #sealed: unknown
  #opened: Promise<OpenedJob> | undefined
  /** Whether others are of the same job: each reply asks, and inputs may be long. */
  readonly #isOf = new WeakMap<CopySeal, Promise<boolean>>()

  constructor(seal: Seal, id: SealedJobId, sealed: unknown) {
    this.#seal = seal
    this.#id = id
    this.#sealed = sealed
  }

  /** Opens it, once. @throws {DroverError} as `Seal.openJob` */
  open(): Promise<OpenedJob> {
    this.#opened ??= this.#seal.openJob(this.#id, this.#sealed)
    return this.#opened
  }

  /**
   * Whether another copy is of the same job, so that its sender may be told how it ends. An id is known to everybody on the way;
   * who seals the same input knows all that this job has.
   */
  isOf(other: CopySeal): Promise<boolean> {
    const isOf = this.#isOf.get(other) ?? this.#compare(other)
    this.#isOf.set(other, isOf)
    return isOf
  }

  async #compare(other: CopySeal): Promise<boolean> {
    if (other === this) return true
    try {
      const [own, its] = await Promise.all([this.open(), other.open()])
      return own.replyJwk.k === its.replyJwk.k || JSON.stringify(own.input) === JSON.stringify(its.input)
    } catch {
      return false
    }
  }

  /**
   * Seals the payload of a reply about this job, for its sender and those of other copies of it.
   * @throws {DroverError} as `open`
   */
  async sealReply(reply: SealedReplyId, payload: Payload, others: readonly (CopySeal | undefined)[]): Promise<Sealed> {
    const own = await this.open()
    const keys = new Map([[own.replyJwk.k, own.replyKey]])
    for (const other of others) {
      if (other === undefined || !(await this.isOf(other))) continue
      const { replyJwk, replyKey } = await other.open()
      keys.set(replyJwk.k, replyKey)
    }
    return this.#seal.sealReply(this.#bindingOf(reply), payload, [...keys.values()])
  }

  #bindingOf({ type, attempt, worker_id = '', seq = 0 }: SealedReplyId): Omit<ReplyBinding, 'direction'> {
    return { ...this.#id, attempt, worker_id, type, seq }
  }

  /** The job as it came, by which this can be made again. */
  get asItCame(): { readonly id: SealedJobId; readonly sealed: unknown } {
    return { id: this.#id, sealed: this.#sealed }
  }

  /** Characters that it keeps, about: the body as it came and as it opens. */
  get characters(): number {
    const { ciphertext } = (this.#sealed ?? {}) as { readonly ciphertext?: unknown } // it may be anything
    return typeof ciphertext === 'string' ? 2 * ciphertext.length : 0
  }

  /**
   * A reply about this job, for the sender of another copy of it.
   * @param body as it was sent
   * @returns as it is where it is not sealed, or that copy is of another job: its sender cannot open it
   */
  async replyFor(other: CopySeal, body: string): Promise<string> {
    const reply = JSON.parse(body) as Omit<Reply, 'sealed'> & { readonly sealed?: unknown }
    if (reply.sealed === undefined || !(await this.isOf(other))) return body
    const [own, its] = await Promise.all([this.open(), other.open()])
    if (own.replyJwk.k === its.replyJwk.k) return body
    return JSON.stringify({
      ...reply,
      sealed: await this.#seal.sealReplyAgain(this.#bindingOf(reply), reply.sealed, own.replyKey, its.replyKey),
    })
  }

  /** The same for another attempt, sealed for those of its recipients that are known here. @throws {DroverError} as `open` */
  async forAttempt(attempt: number): Promise<Sealed> {
    const opened = await this.open()
    const kids = recipientsOf(readSealed(this.#sealed)).map(({ kid }) => kid)
    return this.#seal.sealAgain({ ...this.#id, attempt, expires_at: opened.expiresAt }, opened, kids)
  }
}
