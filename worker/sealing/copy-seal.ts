/** The seal of one copy of a job: it opens the input, and has the key for the replies to the master that sent it. */

import { recipientsOf } from '../../shared/seal/header.ts'
import type { OpenedJob, ReplyKey, Seal, Sealed } from '../../shared/seal/mod.ts'
import { readSealed } from '../../shared/seal/sealed.ts'

/** The job that it has to be sealed for. */
export interface SealedJobId {
  readonly namespace: string
  readonly task: string
  readonly request_id: string
  readonly attempt: number
}

export class CopySeal {
  readonly #seal: Seal
  readonly #id: SealedJobId
  readonly #sealed: unknown
  #opened: Promise<OpenedJob> | undefined

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

  /** @returns `undefined` where it does not open: its master cannot be answered under seal */
  async replyKey(): Promise<ReplyKey | undefined> {
    try {
      return (await this.open()).replyKey
    } catch {
      return undefined
    }
  }

  /** The same for another attempt, sealed for those of its recipients that are known here. @throws {DroverError} as `open` */
  async forAttempt(attempt: number): Promise<Sealed> {
    const opened = await this.open()
    const kids = recipientsOf(readSealed(this.#sealed)).map(({ kid }) => kid)
    return this.#seal.sealAgain({ ...this.#id, attempt, expires_at: opened.expiresAt }, opened, kids)
  }
}
